// The commands of the pages for Docker and Kubernetes, against the compose file and the rendered manifests: no engine needed.
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { findingsOfBlock, findingsOfPage, PAGES_TO_FOLLOW } from '../../scripts/checks/pages-findings.js';
import { manifestsOf, type Manifest } from '../../scripts/checks/pages-kubectl.js';
import { Repository } from '../../scripts/checks/pages-repository.js';
import { hasTool, toolPath } from '../support/tools.js';

const repository = new Repository(process.cwd());

describe('commands of the pages that people follow', () => {
  it.each(PAGES_TO_FOLLOW)('%s: each is right, as far as the repository tells', (page) => {
    expect(findingsOfPage(page, repository)).toEqual([]);
  });
});

describe.skipIf(!hasTool('kubectl'))('commands for a cluster (needs kubectl)', () => {
  const render = (folder: string) =>
    execFileSync(toolPath('kubectl') ?? '', ['kustomize', folder], { encoding: 'utf8', stdio: 'pipe' });
  let manifests: Manifest[] | undefined;
  const rendered = () => (manifests ??= manifestsOf(repository, render));

  it.each(PAGES_TO_FOLLOW)('%s: each fits the manifests', (page) => {
    expect(findingsOfPage(page, repository, rendered())).toEqual([]);
  });

  it('would not fit, were a name wrong', () => {
    for (const block of [
      'kubectl -n entitlement-local rollout status deployment/entitlements',
      'kubectl -n entitlement rollout status deployment/nobody',
      'kubectl -n entitlement-local port-forward service/entitlement 3000:81',
      'kubectl -n entitlement-local exec deployment/entitlement -c web -- node dist/scripts/token.js bob',
    ]) {
      expect([block, findingsOfBlock(block, repository, rendered())]).toEqual([block, [expect.any(String)]]);
    }
  });
});
