// A service that has seen everything once: tokens, denials, ExpressPlay's refusals, a change of authenticators.
import { readFile } from 'node:fs/promises';
import { KeyServer } from '../../../apps/entitlement/src/auth/testing/issuer.js';
import { scrapeMaintained } from '../../metrics/support/scrape.js';
import { MeasuredService, PLAYREADY } from '../../metrics/support/measured-service.js';

export class BusyService {
  private constructor(
    readonly measured: MeasuredService,
    private readonly keys: KeyServer,
  ) {}

  /** Starts one whose keys come from a URL, since those in a file do not age, and keeps it busy for a moment. */
  static async start(environment: Record<string, string> = {}): Promise<BusyService> {
    const keys = new KeyServer();
    await keys.up();
    const measured = await MeasuredService.start({ AUTH_JWKS_URL: keys.url, ...environment });
    const { keys: published } = JSON.parse(await readFile(measured.service.issuer.jwksFile, 'utf8')) as KeyServer;
    keys.keys = published;
    const busy = new BusyService(measured, keys);
    await busy.work();
    await scrapeMaintained(measured.service);
    return busy;
  }

  /** Where Prometheus would scrape. */
  get url(): string {
    return this.measured.service.managementUrl;
  }

  async stop(): Promise<void> {
    await this.measured.service.stop();
    await this.keys.down();
  }

  /** Everything once, the change of authenticators but the first time. */
  async work(): Promise<void> {
    const { service, accounts } = this.measured;
    await service.http().get('/health/ready').expect(200);
    await service.ask('alice', PLAYREADY);
    await service.ask('bob', PLAYREADY);
    await service.ask('carol', PLAYREADY);
    await service.http().post('/v1/license-tokens').send(PLAYREADY);
    // Of these -2030 alone is asked for again.
    for (const [code, times] of [
      [-2019, 1],
      [-2030, 2],
      [-6003, 1],
    ] as const) {
      await this.measured.fault({ kind: 'event', code }, times);
      await service.ask('alice', PLAYREADY);
    }
    accounts.withdraw(accounts.authenticators[0] ?? '');
    await service.ask('alice', PLAYREADY);
  }
}
