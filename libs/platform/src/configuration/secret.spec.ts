import { openSync, realpathSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OpenFile, readSecretFile } from './secret.js';
import { MountedSecrets } from './testing.js';

let mount: MountedSecrets;
beforeEach(() => {
  mount = new MountedSecrets({ key: 'old' });
});
afterEach(() => mount.remove());

/** Opens as the kernel does, one link after the other, with something happening before the file itself is opened. */
function opening(meanwhile: (attempt: number) => void): OpenFile {
  let attempt = 0;
  return (path, flags) => {
    const target = realpathSync(path);
    attempt += 1;
    meanwhile(attempt);
    return openSync(target, flags);
  };
}

describe('readSecretFile', () => {
  it('finds the new file when the mount is swapped while the links to the old one are followed', () => {
    const open = opening((attempt) => {
      if (attempt === 1) mount.swap({ key: 'new' });
    });
    expect(readSecretFile(mount.path('key'), open)).toEqual({ kind: 'content', bytes: Buffer.from('new') });
  });

  it('does not look for ever', () => {
    let attempts = 0;
    const open = opening((attempt) => {
      attempts = attempt;
      mount.swap({ key: `new ${attempt}` });
    });
    expect([readSecretFile(mount.path('key'), open), attempts]).toMatchObject([{ kind: 'missing' }, 2]);
  });

  it('says that a file is missing', () => {
    expect(readSecretFile(mount.path('other'))).toMatchObject({ kind: 'missing' });
    mount.swap({ key: undefined });
    expect(readSecretFile(mount.path('key'))).toMatchObject({ kind: 'missing' });
  });
});
