// The client as others get it: packed, installed in an empty folder, its README's example compiled and run.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { snippetsOf } from '../../scripts/checks/markdown.js';
import { TestService } from '../support/test-service.js';

const run = promisify(execFile);

interface Example {
  licenseUrl(baseUrl: string, bearer: () => Promise<string>, body: object): Promise<string>;
  bareLicenseUrl(baseUrl: string, bearer: string, body: object): Promise<string | undefined>;
}

let folder: string;
let service: TestService;
beforeAll(async () => {
  [folder, service] = await Promise.all([mkdtemp(join(tmpdir(), 'api-client-')), TestService.start()]);
});
afterAll(async () => {
  await service.stop();
  await rm(folder, { recursive: true });
});

async function pack(...command: string[]): Promise<{ filename: string; files: { path: string }[] }> {
  const { stdout } = await run('npm', [...command, '--json', '--pack-destination', folder]);
  return JSON.parse(stdout)[0];
}

it('installs in an empty folder, compiles strictly and asks the service', async () => {
  const client = await pack('run', '--silent', 'pack:client', '--');
  expect(client.files.map(({ path }) => path).sort()).toEqual(
    ['client', 'generated/openapi', 'index', 'problem']
      .flatMap((file) => [`dist/${file}.d.ts`, `dist/${file}.js`])
      .concat('LICENSE', 'README.md', 'package.json')
      .sort(),
  );
  // What it depends on comes from here as well, so that no registry is needed.
  const below = await Promise.all(
    ['openapi-fetch', 'openapi-typescript-helpers'].map((name) =>
      pack('pack', `./node_modules/${name}`, '--ignore-scripts', '--silent'),
    ),
  );
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  const archives = [client, ...below].map(({ filename }) => join(folder, filename));
  await run('npm', ['install', '--offline', '--no-audit', '--silent', ...archives], { cwd: folder });

  const example = snippetsOf(await readFile('libs/api-client/README.md', 'utf8')).find(
    ({ name }) => name === 'example.ts',
  );
  await writeFile(join(folder, 'example.ts'), example?.text ?? '');
  const strict = ['--strict', '--target', 'es2022', '--lib', 'es2022,dom,dom.iterable', '--module', 'nodenext'];
  await run(resolve('node_modules/.bin/tsc'), [...strict, 'example.ts'], { cwd: folder }).catch(({ stdout }) => {
    throw new Error(stdout);
  });

  const made = (await import(/* @vite-ignore */ pathToFileURL(join(folder, 'example.js')).href)) as Example;
  const body = { contentId: 'sintel', drm: 'widevine' };
  const bearer = (user: string) => service.issuer.token(user);
  expect(await made.licenseUrl(service.url, () => bearer('alice'), body)).toMatch(/^http.+ExpressPlayToken=\S+$/);
  expect(await made.bareLicenseUrl(service.url, await bearer('bob'), body)).toMatch(/^http.+ExpressPlayToken=\S+$/);
  await expect(made.licenseUrl(service.url, () => bearer('carol'), body)).rejects.toThrow('rental-period-ended');
});
