// The emulator against the reference's tables, in both error formats; the coverage of documented codes is printed at the end.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CASES } from './cases/all.cases.js';
import { DOCUMENTED_CODES, documentedCodesOf, type Service, SERVICES } from './documented-codes.js';
import { EmulatorSession, type ErrorFormat, expectOutcome, requestOf } from './support/emulator-session.js';

const FORMATS: readonly ErrorFormat[] = ['html', 'json'];

const HEADINGS: Readonly<Record<Service, string>> = { playready: 'PR', fairplay: 'FP', widevine: 'WV' };

/** Counts what was shown; a case is to be counted when all it says has held. */
export class Coverage {
  readonly #counts = new Map<string, number>();

  add(service: Service, code: number, errorFormat: ErrorFormat): void {
    const key = keyOf(service, code, errorFormat);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** The documented pairs that were not shown in both formats, such as `fairplay -6004 html`. */
  missing(): string[] {
    return SERVICES.flatMap((service) =>
      documentedCodesOf(service).flatMap((code) =>
        FORMATS.map((format) => keyOf(service, code, format)).filter((key) => !this.#counts.has(key)),
      ),
    );
  }

  /** What was shown that is not documented. */
  undocumented(): string[] {
    const documented = SERVICES.flatMap((service) =>
      documentedCodesOf(service).flatMap((code) => FORMATS.map((format) => keyOf(service, code, format))),
    );
    return [...this.#counts.keys()].filter((key) => !documented.includes(key));
  }

  /** The table: for each code how often each service showed it, both formats together; `-` where it is not documented. */
  table(): string {
    const rows = DOCUMENTED_CODES.map((code) => {
      const shown = SERVICES.map((service) => this.#shown(service, code));
      const cells = SERVICES.map((service, index) =>
        (documentedCodesOf(service).includes(code) ? String(shown[index]) : '-').padStart(5),
      );
      return `${code}${cells.join('')}${String(shown.reduce((sum, count) => sum + count, 0)).padStart(7)}`;
    });
    const pairs = SERVICES.map((service) => {
      const codes = documentedCodesOf(service);
      return `${HEADINGS[service]} ${codes.filter((code) => this.#shown(service, code) > 0).length}/${codes.length}`;
    });
    return [
      ` code${SERVICES.map((service) => HEADINGS[service].padStart(5)).join('')}  cases`,
      ...rows,
      `shown of documented: ${pairs.join(', ')}`,
    ].join('\n');
  }

  #shown(service: Service, code: number): number {
    return FORMATS.reduce((sum, format) => sum + (this.#counts.get(keyOf(service, code, format)) ?? 0), 0);
  }
}

function keyOf(service: Service, code: number, errorFormat: ErrorFormat): string {
  return `${service} ${code} ${errorFormat}`;
}

const coverage = new Coverage();

let emulator: EmulatorSession;

beforeAll(async () => {
  emulator = await EmulatorSession.start();
});

afterEach(() => emulator.clearFaults());

afterAll(async () => {
  await emulator.close();
  process.stdout.write(`\nEvent codes shown by the emulator, both error formats counted:\n${coverage.table()}\n`);
});

describe.each(SERVICES)('%s', (service) => {
  const cases = CASES[service].map(
    (conformanceCase) => [conformanceCase.name, conformanceCase.outcome, conformanceCase] as const,
  );
  for (const errorFormat of ['html', 'json'] satisfies ErrorFormat[]) {
    it.each(cases)(`%s: %s, in ${errorFormat}`, async (_name, outcome, conformanceCase) => {
      if (conformanceCase.fault !== undefined) {
        await emulator.setFault(service, { kind: 'event', code: conformanceCase.fault }, 1);
      }
      const request = requestOf(conformanceCase, errorFormat);
      const answer = await emulator.post(service, request);
      // An error format that is refused is not honoured either: the default is.
      expectOutcome(answer, outcome, service, request['errorFormat'] === 'json' ? 'json' : 'html');
      if (outcome !== 'issued') coverage.add(service, outcome, errorFormat);
    });
  }
});

describe('the documented codes', () => {
  it('are each shown by a case, in both error formats', () => {
    expect(coverage.missing()).toEqual([]);
  });

  it('are all that the services give', () => {
    expect(coverage.undocumented()).toEqual([]);
  });
});
