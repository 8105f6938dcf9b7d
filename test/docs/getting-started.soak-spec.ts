// docs/getting-started.md, the way without containers: its commands, as they stand there, in a shell.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { snippetsOf, type Snippet } from '../../scripts/checks/markdown.js';
import { within } from '../support/deadline.js';

const PAGE = 'docs/getting-started.md';
const WAY = 'Without containers';
const DEADLINE_MS = 90_000;

let page: Snippet[];
let stack: ChildProcess;
let words = '';
let settings: Record<string, string>;
let port: string;

/** Runs blocks one after the other in one shell, as in a terminal, and answers with what each printed. */
function inTerminal(blocks: readonly string[]): string[] {
  const separator = '\u001E';
  const script = blocks.map((block) => `${block}\nprintf '${separator}'\n`).join('');
  // Two stacks on one machine do not share ports; a reader has the usual ones.
  const here = script.replaceAll('localhost:3000', `localhost:${port}`);
  const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', here], {
    env: { ...process.env, ...settings },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${here}\nended with ${status}: ${stderr}`);
  return stdout.split(separator).slice(0, -1);
}

beforeAll(async () => {
  page = snippetsOf(await readFile(PAGE, 'utf8')).filter(({ heading }) => heading === WAY);
  const [free, other] = await Promise.all([freePort(), freePort()]);
  port = String(free);
  settings = {
    PORT: port,
    EMULATOR_PORT: String(other),
  };
  const [install = '', start = ''] = (page[0]?.text ?? '').trim().split('\n');
  if (install !== 'npm ci' || start !== 'npm run stack') throw new Error(`The page begins with ${install}, ${start}`);
  stack = spawn('bash', ['-c', `exec ${start}`], {
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ready = new Promise<void>((resolve, reject) => {
    for (const stream of [stack.stdout, stack.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        words += chunk;
        if (words.includes('stack ready')) resolve();
      });
    }
    stack.once('exit', () => reject(new Error(words)));
  });
  await within(DEADLINE_MS, 'the stack is ready', ready);
}, DEADLINE_MS + 10_000);
afterAll(endStack);

describe('the way without containers', () => {
  it('gets from an installed clone to a granted token, a redeemed one, a denial and a list', () => {
    const shell = page.filter(({ language }) => language === 'sh').slice(1);
    expect(shell).toHaveLength(4);
    const [ask = '', redeem = '', denied = '', list = ''] = inTerminal(shell.map(({ text }) => text));

    const shown = JSON.parse(page.find(({ language }) => language === 'json')?.text ?? '') as Record<string, unknown>;
    const answer = JSON.parse(ask) as Record<string, unknown> & { rights: Record<string, unknown> };
    expect(Object.keys(answer)).toEqual(Object.keys(shown));
    expect(Object.keys(answer.rights)).toEqual(Object.keys(shown['rights'] as object));
    expect(answer).toMatchObject({ contentId: 'sintel', drm: 'widevine', rights: { type: 'rental' } });

    expect(JSON.parse(redeem)).toBeTypeOf('object');
    expect(JSON.parse(denied)).toMatchObject({ code: 'not-entitled', reason: 'no-purchase' });
    const entitled = [{ contentId: 'clip' }, { contentId: 'sintel' }];
    expect(JSON.parse(list)).toMatchObject({ entitlements: entitled.map((one) => ({ ...one, entitled: true })) });
  });

  it('says of each viewer what is true', async () => {
    const rows = (await readFile(PAGE, 'utf8')).matchAll(/^\| `(\w+)` +\|[^|]+\| (.+?) +\|$/gm);
    const ask = (viewer: string) =>
      `curl -s http://localhost:3000/v1/license-tokens -H 'Content-Type: application/json' \
        -H "Authorization: Bearer $(npm run -s token -- ${viewer})" -d '{"contentId":"sintel","drm":"playready"}'`;
    const promises = [...rows].map(([, viewer = '', promised = '']) => ({ viewer, promised }));
    const answers = inTerminal(promises.map(({ viewer }) => ask(viewer)));
    for (const [index, { viewer, promised }] of promises.entries()) {
      const answer = JSON.parse(answers[index] ?? '') as { code?: string; reason?: string; rights?: { type: string } };
      if (promised.startsWith('a token')) {
        expect([viewer, answer.rights?.type]).toEqual([
          viewer,
          promised.includes('without an end') ? 'buy-to-own' : 'rental',
        ]);
      } else expect(promised).toBe(`\`${answer.code}\`, \`${answer.reason}\``);
    }
    expect(promises).toHaveLength(7);
  });

  it('says what is needed next, in commands that work as they are printed', () => {
    const [, ask = ''] = /^ {2}ask +(curl [^]+?\}')$/m.exec(words) ?? [];
    const [, why = ''] = /^ {2}why +(.+)$/m.exec(words) ?? [];
    const [, store = ''] = /^ {2}store +(.+)$/m.exec(words) ?? [];
    const [answer = '', explanation, token] = inTerminal([ask, why, store]);
    expect(JSON.parse(answer)).toMatchObject({ contentId: 'sintel', rights: { type: 'rental' } });
    expect(explanation).toMatch(/^bob may play sintel \(at /);
    expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    expect(words).toContain(`  database    ${process.env.DATABASE_URL || 'postgresql://'}`);
    expect(words).toMatch(/^ {2}API +http\S+\/docs$/m);
    // A request is a line of the log.
    expect(words).toMatch(/request completed \{.*"userId":"bob".*"path":"\/v1\/license-tokens"/);
  });

  it('has a page whose viewers the service knows', async () => {
    const [, player = ''] = /^ {2}player +(http\S+\/player)$/m.exec(words) ?? [];
    expect(await (await fetch(player)).text()).toContain('/player/player.js');
    const told = (await (await fetch(`${player}/demo.json`)).json()) as { service: string; viewers: object };
    expect(told.service).toBe(`http://127.0.0.1:${port}`);
    for (const [viewer, bearer] of Object.entries(told.viewers)) {
      const headers = { Authorization: `Bearer ${bearer}`, Origin: new URL(player).origin };
      const answer = await fetch(`${told.service}/v1/entitlements/clip`, { headers });
      expect(answer.headers.get('access-control-allow-origin')).toBe(headers.Origin);
      const mayPlay = ['alice', 'bob', 'grace'].includes(viewer);
      expect({ viewer, ...((await answer.json()) as object) }).toMatchObject({ viewer, entitled: mayPlay });
    }
    expect(Object.keys(told.viewers)).toHaveLength(7);
  });

  it('ends as it says, and says so', async () => {
    await endStack();
    expect(words).toMatch(/Ctrl-C ends it\n[^]*stack ended\n$/);
  });

  it('installs with a command that CI runs for real', async () => {
    expect(await readFile('.ci/run', 'utf8')).toContain('npm ci');
  });
});

async function endStack(): Promise<void> {
  if (stack.exitCode !== null) return;
  const gone = once(stack, 'close');
  stack.kill('SIGTERM');
  await within(DEADLINE_MS, 'the stack ends', gone);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: number } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return number;
}
