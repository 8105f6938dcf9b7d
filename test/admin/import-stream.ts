// A batch that is sent piece by piece while its report is read.
import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { until } from './until.js';
import { reportLines, type PurchaseClient, type ReportLine } from './purchase-client.js';
import type { TestService } from '../support/test-service.js';

export class ImportStream {
  /** The lines of the report so far. */
  readonly report: ReportLine[] = [];
  #unfinished = '';
  #ended = false;
  readonly #request: ClientRequest;

  constructor(service: TestService, store: PurchaseClient, query = '') {
    this.#request = request(`${service.url}/v1/admin/purchases/batch${query}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${store.bearer}`, 'Content-Type': 'application/x-ndjson' },
    });
    this.#request.on('error', () => undefined);
    this.#request.on('close', () => {
      this.#ended = true;
    });
    this.#request.on('response', (answer: IncomingMessage) => {
      answer.setEncoding('utf8').on('data', (text: string) => {
        const lines = `${this.#unfinished}${text}`;
        const end = lines.lastIndexOf('\n') + 1;
        this.#unfinished = lines.slice(end);
        this.report.push(...reportLines(lines.slice(0, end)));
      });
      answer
        .on('error', () => undefined)
        .on('end', () => {
          this.#ended = true;
        });
    });
  }

  /** Sends a piece of the body, as far as the service takes it. */
  async send(text: string): Promise<void> {
    if (!this.#request.write(text)) await once(this.#request, 'drain');
  }

  /** Waits until so many lines are reported. */
  async reported(count: number): Promise<void> {
    await until(() => this.report.length >= count);
  }

  /** Ends the body, and answers with the whole report. */
  async end(): Promise<ReportLine[]> {
    this.#request.end();
    return this.ended();
  }

  /** Waits until the service has ended the report. */
  async ended(): Promise<ReportLine[]> {
    await until(() => this.#ended);
    return this.report;
  }

  /** Breaks the connection as it is. */
  breakOff(): void {
    this.#request.destroy();
  }
}
