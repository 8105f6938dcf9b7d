// A Prometheus on this machine, with the project's own configuration: only targets and paces are others.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freePort } from '@app/embedded-postgres';
import { parse, stringify } from 'yaml';

const FOLDER = 'deploy/prometheus';

interface Configuration {
  global: Record<string, unknown>;
  scrape_configs: { job_name: string; static_configs: { targets: string[]; labels?: Record<string, string> }[] }[];
}

/** One series of an answer. */
export interface Result {
  metric: Record<string, string>;
  value: [number, string];
}

/** One rule, as Prometheus sees it. */
export interface Rule {
  name: string;
  health: string;
  lastError?: string;
  state?: string;
}

export class Prometheus {
  private constructor(
    private readonly url: string,
    private readonly process: ChildProcess,
    private readonly folder: string,
  ) {}

  /**
   * @param program its path
   * @param targets host and port for each scrape job
   * @throws Error when the configuration has a job without a target here, or Prometheus does not come up
   */
  static async start(program: string, targets: Readonly<Record<string, string>>): Promise<Prometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
    cpSync(FOLDER, folder, { recursive: true });
    const configuration = parse(readFileSync(join(FOLDER, 'prometheus.yaml'), 'utf8')) as Configuration;
    configuration.global = { ...configuration.global, scrape_interval: '1s', evaluation_interval: '1s' };
    for (const { job_name: job, static_configs: statics } of configuration.scrape_configs) {
      const target = targets[job];
      if (target === undefined || statics[0] === undefined) throw new Error(`no target for the scrape job ${job}`);
      // The labels are those that targets have in Kubernetes.
      Object.assign(statics[0], { targets: [target], labels: { namespace: 'entitlement', pod: job } });
    }
    writeFileSync(join(folder, 'prometheus.yaml'), stringify(configuration));
    const address = `127.0.0.1:${await freePort()}`;
    const parameters = [
      `--config.file=${join(folder, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
      '--log.level=error',
    ];
    const started = new Prometheus(`http://${address}`, spawn(program, parameters, { stdio: 'inherit' }), folder);
    await started.until(async () => (await fetch(`${started.url}/-/ready`).catch(() => undefined))?.ok === true);
    return started;
  }

  /** The answer to an expression, at this moment. @throws Error with what Prometheus says against it */
  async query(expression: string): Promise<Result[]> {
    const { result } = await this.ask<{ result: Result[] }>(`query?query=${encodeURIComponent(expression)}`);
    return result;
  }

  async rules(): Promise<Rule[]> {
    const { groups } = await this.ask<{ groups: { rules: Rule[] }[] }>('rules');
    return groups.flatMap(({ rules }) => rules);
  }

  /** Looks every tenth of a second whether something holds. */
  async until(holds: () => Promise<boolean>): Promise<void> {
    while (!(await holds())) {
      if (this.process.exitCode !== null) throw new Error(`Prometheus ended with ${this.process.exitCode}`);
      await setTimeout(100);
    }
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null) {
      const ended = once(this.process, 'exit');
      this.process.kill();
      await ended;
    }
    rmSync(this.folder, { recursive: true });
  }

  private async ask<T>(path: string): Promise<T> {
    const answer = (await (await fetch(`${this.url}/api/v1/${path}`)).json()) as { error?: string; data: T };
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.data;
  }
}
