// Faults that somebody could make in a manifest, each with the finding that has to name it.
import type { IDeployment } from 'kubernetes-models/apps/v1';
import type { IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import type { IJob } from 'kubernetes-models/batch/v1';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1';
import type { IService } from 'kubernetes-models/v1';
import type { KubernetesObject } from '../../scripts/checks/manifests/kustomize.js';
import { inContainer, inPod, object, type Fault } from './planting.js';

/** Faults that the rules find. */
export const FAULTS: Fault[] = [
  inPod('a pod that may be root', (pod) => delete pod.securityContext?.runAsNonRoot, /runAsNonRoot/),
  inPod('the user 0', (pod) => Object.assign(pod.securityContext ?? {}, { runAsUser: 0 }), /runAsUser/),
  inPod('no seccomp profile', (pod) => delete pod.securityContext?.seccompProfile, /seccompProfile/),
  inPod('a token of Kubernetes', (pod) => delete pod.automountServiceAccountToken, /automountServiceAccountToken/),
  inPod('the network of the host', (pod) => Object.assign(pod, { hostNetwork: true }), /no part of the host/),
  inPod('a folder of the host', (pod) => pod.volumes?.push({ name: 'host', hostPath: { path: '/' } }), /no hostPath/),
  inContainer('a root that can be written', (c) => delete c.securityContext?.readOnlyRootFilesystem, /readOnlyRoot/),
  inContainer('capabilities', (c) => delete c.securityContext?.capabilities, /all capabilities dropped/),
  inContainer(
    'a user of its own',
    (c) => Object.assign(c.securityContext ?? {}, { runAsUser: 0 }),
    /no user of its own/,
  ),
  inContainer('privileges to gain', (c) => delete c.securityContext?.allowPrivilegeEscalation, /privileges to gain/),
  inContainer('no limit of memory', (c) => delete c.resources?.limits?.memory, /limit of memory/),
  inContainer(
    'more requested than the limit',
    (c) => Object.assign(c.resources?.requests ?? {}, { memory: '2Gi' }),
    /no more memory requested/,
  ),
  inContainer('no liveness probe', (c) => delete c.livenessProbe, /a livenessProbe/),
  inContainer('no startup probe', (c) => delete c.startupProbe, /a startupProbe/),
  inContainer(
    'a probe of a path that is not served',
    (c) => Object.assign(c.readinessProbe?.httpGet ?? {}, { path: '/healthz' }),
    /not \/healthz/,
  ),
  inContainer(
    'a start that the database is asked about',
    (c) => Object.assign(c.startupProbe?.httpGet ?? {}, { path: '/health/startup' }),
    /\/health\/live, not \/health\/startup \(startupProbe\)/,
  ),
  inContainer(
    'a probe of a port that is not there',
    (c) => Object.assign(c.readinessProbe?.httpGet ?? {}, { port: 'web' }),
    /a port web/,
  ),
  inContainer(
    'a probe that gives up before the database does',
    (c) => Object.assign(c.readinessProbe ?? {}, { timeoutSeconds: 1 }),
    /DATABASE_TIMEOUT_MS/,
  ),
  inContainer(
    'a command that is not built',
    (c) => Object.assign(c, { command: ['node', 'dist/main.js'] }),
    /starts a file of dist/,
  ),
  inContainer(
    'another version',
    (c) => Object.assign(c, { image: 'x/expressplay-entitlement-bff:2' }),
    /several versions/,
  ),
  inContainer('an image without a version', (c) => Object.assign(c, { image: 'postgres' }), /has no version/),
  inContainer(
    'a variable that nothing reads',
    (c) => c.env?.push({ name: 'LOGLEVEL', value: 'info' }),
    /does not read LOGLEVEL/,
  ),
  inContainer('a value that the service refuses', (c) => c.env?.push({ name: 'PORT', value: 'http' }), /PORT must be/),
  inContainer(
    'a secret in the environment',
    (c) => c.env?.push({ name: 'DATABASE_PASSWORD', value: 'secret' }),
    /DATABASE_PASSWORD is a secret/,
  ),
  inContainer(
    'a secret in the environment by reference',
    (c) => c.env?.push({ name: 'AUTH_ISSUER', valueFrom: { secretKeyRef: { name: 'entitlement', key: 'issuer' } } }),
    /has a secret in its environment/,
  ),
  inContainer('a secret that is not mounted', (c) => delete c.volumeMounts, /which no volume holds/),
  inContainer(
    'a secret mounted by itself, which is never swapped',
    (c) => Object.assign(c.volumeMounts?.[0] ?? {}, { subPath: 'keks' }),
    /which no volume holds/,
  ),
  inContainer(
    'a required secret that is not given',
    (c) => c.env?.splice(0, c.env.length),
    /CONTENT_KEY_KEKS is not set/,
  ),
  inContainer(
    'an address that only the pod itself reaches',
    (c) => c.env?.push({ name: 'HOST', value: '127.0.0.1' }),
    /other pods reach/,
  ),
  inContainer(
    'a longer drain than the grace period',
    (c) => c.env?.push({ name: 'SHUTDOWN_DRAIN_SECONDS', value: '60' }),
    /terminationGracePeriodSeconds is 60/,
  ),
  inPod('no grace period', (pod) => delete pod.terminationGracePeriodSeconds, /terminationGracePeriodSeconds is 30/),
  inPod(
    'a secret that nobody makes',
    (pod) => pod.volumes?.push({ name: 'more', secret: { secretName: 'more' } }),
    /there is no Secret more/,
  ),
  inPod('no volume for a mount', (pod) => pod.volumes?.splice(0), /which is no volume/),
  inPod(
    'a service account that is not there',
    (pod) => Object.assign(pod, { serviceAccountName: 'x' }),
    /ServiceAccount x/,
  ),
  inPod(
    'replicas that wait for a zone that is lost',
    (pod) => Object.assign(pod.topologySpreadConstraints?.[0] ?? {}, { whenUnsatisfiable: 'DoNotSchedule' }),
    /may wait for a topology\.kubernetes\.io\/zone/,
  ),
  inPod('replicas on one node', (pod) => delete pod.topologySpreadConstraints, /is not spread/),
  object(
    'replicas that the autoscaler decides on',
    'Deployment entitlement',
    ({ spec }: IDeployment) => Object.assign(spec ?? {}, { replicas: 3 }),
    /says replicas/,
  ),
  object(
    'a rollout that takes replicas away',
    'Deployment entitlement',
    ({ spec }: IDeployment) => delete spec?.strategy,
    /may take replicas away/,
  ),
  object(
    'pods that are not their own',
    'Deployment entitlement',
    ({ spec }: IDeployment) => Object.assign(spec?.selector ?? {}, { matchLabels: { a: 'b' } }),
    /does not select its own pods/,
  ),
  object(
    'a service without pods',
    'Service entitlement',
    ({ spec }: IService) => Object.assign(spec ?? {}, { selector: { a: 'b' } }),
    /Service entitlement selects 0/,
  ),
  object(
    'a service of a port that is not there',
    'Service entitlement-management',
    ({ spec }: IService) => Object.assign(spec?.ports?.[0] ?? {}, { targetPort: 'metrics' }),
    /has no port metrics/,
  ),
  object(
    'a budget for nobody',
    'PodDisruptionBudget entitlement',
    ({ spec }: IPodDisruptionBudget) => Object.assign(spec?.selector ?? {}, { matchLabels: { a: 'b' } }),
    /PodDisruptionBudget entitlement selects 0/,
  ),
  object(
    'an autoscaler of nothing',
    'HorizontalPodAutoscaler entitlement',
    ({ spec }: IHorizontalPodAutoscaler) => Object.assign(spec?.scaleTargetRef ?? {}, { name: 'web' }),
    /there is no web/,
  ),
  object(
    'an open network',
    'NetworkPolicy closed',
    ({ spec }: INetworkPolicy) => Object.assign(spec ?? {}, { policyTypes: ['Ingress'] }),
    /no NetworkPolicy closes/,
  ),
  object(
    'a policy for nobody',
    'NetworkPolicy to-internet',
    ({ spec }: INetworkPolicy) => Object.assign(spec?.podSelector ?? {}, { matchLabels: { a: 'b' } }),
    /to-internet concerns no pod[^]*may not reach any port 443/,
  ),
  object(
    'a closed public port',
    'NetworkPolicy from-ingress-controller',
    ({ spec }: INetworkPolicy) => Object.assign(spec?.ingress?.[0] ?? {}, { ports: [{ port: 'management' }] }),
    /no NetworkPolicy opens port http/,
  ),
  object(
    'a policy of a port that is not there',
    'NetworkPolicy to-management',
    ({ spec }: INetworkPolicy) => Object.assign(spec?.ingress?.[0]?.ports?.[0] ?? {}, { port: 'metrics' }),
    /no pod has a port metrics/,
  ),
  object(
    'a way out to everywhere',
    'NetworkPolicy to-postgres',
    ({ spec }: INetworkPolicy) => delete spec?.egress?.[0]?.to,
    /lets out to anywhere/,
  ),
  object(
    'a namespace that takes any pod',
    'Namespace entitlement',
    ({ metadata }: KubernetesObject) => delete metadata.labels,
    /does not enforce restricted pods/,
  ),
  object(
    'an object of another namespace',
    'Service entitlement',
    ({ metadata }: KubernetesObject) => Object.assign(metadata, { namespace: 'default' }),
    /namespaces: /,
  ),
  {
    ...object(
      'a monitor of a port that is not there',
      'ServiceMonitor entitlement',
      ({ spec }: { spec: { endpoints: { port?: string }[] } }) =>
        Object.assign(spec.endpoints[0] ?? {}, { port: 'metrics' }),
      /no service has a port metrics/,
    ),
    on: 'production + monitoring',
  },
  {
    ...object(
      'a job without limits',
      'Job entitlement-migrate',
      ({ spec }: IJob) => delete spec?.template.spec?.initContainers?.[0]?.resources,
      /a request and a limit of cpu, in migrations/,
    ),
    on: 'local',
  },
  {
    ...object(
      'a job whose log goes with its last try',
      'Job entitlement-migrate',
      ({ spec }: IJob) => Object.assign(spec?.template.spec ?? {}, { restartPolicy: 'OnFailure' }),
      /Job entitlement-migrate lacks: restartPolicy is Never/,
    ),
    on: 'local',
  },
];

/** Faults that Kubernetes' own schemas find. */
export const SCHEMA_FAULTS: Omit<Fault, 'on'>[] = [
  inContainer(
    'an unknown field deep inside',
    (c) => Object.assign(c.livenessProbe ?? {}, { periodSecond: 3 }),
    /Deployment entitlement: .*periodSecond/,
  ),
  object(
    'an unknown field at the top',
    'Deployment entitlement',
    ({ spec }: IDeployment) => Object.assign(spec ?? {}, { replica: 3 }),
    /Deployment entitlement: .*"replica"/,
  ),
  inContainer(
    'a value of another kind',
    (c) => Object.assign(c.ports?.[0] ?? {}, { containerPort: 'public' }),
    /containerPort must be integer/,
  ),
  object(
    'a version that Kubernetes has dropped',
    'HorizontalPodAutoscaler entitlement',
    (autoscaler: KubernetesObject) => Object.assign(autoscaler, { apiVersion: 'autoscaling/v2beta2' }),
    /autoscaling\/v2beta2 is no stable version/,
  ),
  object(
    'a kind that is not there',
    'ServiceAccount entitlement',
    (account: KubernetesObject) => Object.assign(account, { kind: 'Account' }),
    /there is no v1 Account/,
  ),
  object(
    'an unknown field of the Prometheus operator',
    'ServiceMonitor entitlement',
    ({ spec }: { spec: object }) => Object.assign(spec, { endpoint: [] }),
    /ServiceMonitor entitlement: .*endpoint/,
  ),
];
