import { describe, expect, it } from 'vitest';
import { commandsOf } from './pages-commands.js';
import { findingsOfBlock } from './pages-findings.js';
import type { Manifest } from './pages-kubectl.js';
import { Repository } from './pages-repository.js';

const repository = new Repository(process.cwd());
const manifests: Manifest[] = [
  {
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'here' },
    spec: { template: { spec: { containers: [{ name: 'app' }] } } },
  },
  { kind: 'Service', metadata: { name: 'web', namespace: 'here' }, spec: { ports: [{ port: 80 }] } },
  { kind: 'Job', metadata: { name: 'seed', namespace: 'here' } },
];

describe('commandsOf', () => {
  it('reads as the shell does: variables, pipes, substitutions, lines that go on, settings in front', () => {
    const block = `TOKEN=$(npm run -s token -- bob)
      A=1 curl -s "http://localhost/$A" \\
        -H 'X: a b' | tr -d '\\r' > out.txt
      npm ci && node a.js &`;
    expect(commandsOf(block)).toEqual(
      expect.arrayContaining([
        { program: 'npm', args: ['run', '-s', 'token', '--', 'bob'] },
        { program: 'curl', args: ['-s', 'http://localhost/', '-H', 'X: a b'] },
        { program: 'tr', args: ['-d', '\\r'] },
        { program: 'npm', args: ['ci'] },
        { program: 'node', args: ['a.js'] },
      ]),
    );
  });

  it('tells of what is no shell', () => {
    expect(() => commandsOf('if true; then')).toThrow('syntax error');
  });
});

describe('findingsOfBlock', () => {
  it.each([
    'npm ci',
    'npm run stack',
    'npm run -s token -- bob',
    'npm run db:roles -- --dry-run',
    'curl -s http://localhost:3000/v1/license-tokens',
    'node dist/scripts/db-migrate.js',
    'docker compose up --build --wait',
    'docker compose run --rm token bob',
    'docker compose exec entitlement node dist/scripts/db-migrate.js',
    'docker compose logs entitlement',
    'docker build -t expressplay-entitlement-bff:local -f deploy/Dockerfile .',
    'docker build -t registry.example/expressplay-entitlement-bff:1.2.3 -f deploy/Dockerfile .',
    'minikube image build -t expressplay-entitlement-bff:local -f deploy/Dockerfile .',
    'kind load docker-image expressplay-entitlement-bff:local',
    'kubectl -n here rollout status deployment/web --timeout=5m',
    'kubectl -n here wait --for=condition=complete job/seed --timeout=5m',
    'kubectl -n here exec deployment/web -c app -- node dist/scripts/token.js bob',
    'kubectl -n here port-forward service/web 3000:80 &',
  ])('lets pass: %s', (block) => {
    expect(findingsOfBlock(block, repository, manifests)).toEqual([]);
  });

  it.each([
    ['npm run stak', 'npm script stak is not in package.json'],
    ['npm publish', 'nobody can tell whether npm publish is right'],
    ['curl -s http://localhost:3000/v1/licence-tokens', 'no page of the API has /v1/licence-tokens'],
    ['curl -s', 'curl without a URL'],
    ['node dist/scripts/db-migrat.js', 'node dist/scripts/db-migrat.js: there is no such file'],
    ['docker compose upp', 'nobody can tell whether docker compose upp is right'],
    ['docker compose up --buld', 'up --buld?'],
    ['docker compose logs entitlment', 'docker-compose.yml has no service entitlment'],
    ['docker compose exec entitlement node dist/scripts/tokn.js', 'node dist/scripts/tokn.js: there is no such file'],
    ['docker compose exec entitlement npm run token', 'nobody can tell whether npm is in the image'],
    ['docker build -t expressplay-entitlement-bff -f Dockerfile .', 'there is no Dockerfile'],
    ['kind load docker-image entitlement:local', 'entitlement:local is not expressplay-entitlement-bff'],
    ['kind delete cluster', 'nobody can tell whether kind delete cluster is right'],
    ['kubectl apply -k deploy/kubernetes/overlays/lokal', 'there is no deploy/kubernetes/overlays/lokal'],
    ['kubectl -n here rollout status deployment/wep', 'no manifest has Deployment wep in the namespace here'],
    ['kubectl -n there rollout status deployment/web', 'no manifest has Deployment web in the namespace there'],
    ['kubectl -n here wait job/seed', 'kubectl wait waits for nothing'],
    ['kubectl -n here exec deployment/web -c web -- node dist/scripts/token.js', 'deployment/web has no container web'],
    ['kubectl -n here exec deployment/web -- node dist/token.js', 'node dist/token.js: there is no such file'],
    ['kubectl -n here port-forward service/web 3000:8080', 'service/web has no port 8080'],
    ['kubectl -n here port-forward web 3000:80', 'web: write it as kind/name'],
    ['helm install entitlement .', 'nobody can tell whether helm is right'],
    ['TOKEN=$(sudo cat token)', 'nobody can tell whether sudo is right'],
    ['curl -s "http://localhost:3000/v1/entitlements', 'the shell does not understand it'],
  ])('finds: %s', (block, finding) => {
    expect(findingsOfBlock(block, repository, manifests).join('\n')).toContain(finding);
  });
});
