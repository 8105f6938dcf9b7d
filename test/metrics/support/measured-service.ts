// A service whose figures are looked at, with what makes things go wrong, and what a request counts as.
import { RouteListModule } from '../../attacks/support/route-list.js';
import { RevocableAccounts } from '../../support/revocable-accounts.js';
import { TestService, type TestServiceOptions } from '../../support/test-service.js';
import { risesDuring } from './scrape.js';

export const PLAYREADY = { contentId: 'sintel', drm: 'playready' };

type Rises = Record<string, number>;

export class MeasuredService {
  private constructor(
    readonly service: TestService,
    /** Of the first authenticator and of the second. */
    readonly accounts: RevocableAccounts,
  ) {}

  /** @param pauses by default a -2019 has no consequences: one thing after the other goes wrong */
  static async start(
    environment: Record<string, string> = {},
    pauses: TestServiceOptions['pauses'] = { balanceMs: 1 },
  ): Promise<MeasuredService> {
    const accounts = RevocableAccounts.make(2);
    const [first = '', second = ''] = accounts.authenticators;
    const service = await TestService.start({
      accounts,
      modules: [RouteListModule],
      pauses,
      environment: {
        EXPRESSPLAY_CUSTOMER_AUTHENTICATOR: first,
        EXPRESSPLAY_CUSTOMER_AUTHENTICATOR_NEXT: second,
        EXPRESSPLAY_TIMEOUT_MS: '1000',
        TOKEN_LIMIT_PER_USER: '0',
        TOKEN_LIMIT_PER_TITLE: '0',
        ...environment,
      },
    });
    return new MeasuredService(service, accounts);
  }

  /** By how much counters rise while something is done. */
  rises(work: () => Promise<unknown>): Promise<Rises> {
    return risesDuring(this.service.managementUrl, work);
  }

  /** What the token services do to the next request; to all of them until the faults are cleared when `times` is null. */
  async fault(wanted: object, times: number | null = 1, drm = 'any'): Promise<void> {
    const answer = await fetch(`${this.service.emulator.url}/emulator/faults`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ service: drm, times, fault: wanted }),
    });
    if (answer.status !== 204) throw new Error(`the emulator takes no such fault: ${await answer.text()}`);
  }

  async clearFaults(): Promise<void> {
    await fetch(`${this.service.emulator.url}/emulator/faults`, { method: 'DELETE' });
  }
}

/** What requests for a token count as. */
export function asked(outcome: string, count = 1): Rises {
  return {
    [`http_requests_total{route="/v1/license-tokens",method="POST",outcome="${outcome}"}`]: count,
    'http_request_duration_seconds_count{route="/v1/license-tokens",method="POST"}': count,
  };
}

/** What stages count as. @param ended by name, such as `bearer`, or `bearer error` */
export function stages(...ended: string[]): Rises {
  return Object.fromEntries(
    ended.map((stage) => {
      const [name = '', outcome = 'ok'] = stage.split(' ');
      return [`stage_duration_seconds_count{stage="${name}",outcome="${outcome}"}`, 1];
    }),
  );
}

/** What an answer of ExpressPlay counts as. */
export function answered(drm: string, code: string): Rises {
  return { [`expressplay_answers_total{drm="${drm}",code="${code}"}`]: 1 };
}

/** What a second try at ExpressPlay counts as, when PlayReady's is asked. */
export function retried(outcome: string): Rises {
  return { [`expressplay_retries_total{drm="playready",outcome="${outcome}"}`]: 1 };
}

/** What a decision counts as. */
export function decided(decision: string, reason: string): Rises {
  return { [`decisions_total{decision="${decision}",reason="${reason}"}`]: 1 };
}
