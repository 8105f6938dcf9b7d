import { ClockModule } from '@app/platform/clock';
import { Controller, Get, Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { afterEach, expect, it } from 'vitest';
import { loggingModule, type Place, runApplication } from './index.js';

let host: HttpAdapterHost | undefined;

@Controller()
class NumbersController {
  @Get('numbers')
  numbers(): string {
    return 'management';
  }
}

@Module({ imports: [ClockModule], controllers: [NumbersController] })
class NumbersModule {
  constructor(adapterHost: HttpAdapterHost) {
    host = adapterHost;
  }
}

afterEach(() => host?.httpAdapter.close());

it('listens for the public and for management, and says where in one line', async () => {
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line) };
  await runApplication(() => ({
    name: 'Numbers',
    module: { module: NumbersModule, imports: [loggingModule({ level: 'info', pretty: false, stream })] },
    host: '127.0.0.1',
    port: 0,
    portVariable: 'PORT',
    management: { host: '127.0.0.1', port: 0, portVariable: 'MANAGEMENT_PORT' },
    bodyLimitBytes: 1000,
    rules: {
      placeOf: (): Place => 'management',
      hstsMaxAgeSeconds: 0,
      requestsPerMinute: { public: 0, management: 0 },
    },
  }));
  const said = lines.map((line) => JSON.parse(line) as { msg: string; context: string });
  const [line, ...others] = said.filter(({ msg }) => msg.includes('listening'));
  expect(others).toEqual([]);
  const pattern = /^listening on (http:\/\/127\.0\.0\.1:\d+), and for management on (http:\/\/127\.0\.0\.1:\d+)$/;
  const [, open = '', management = ''] = pattern.exec(line?.msg ?? '') ?? [];
  expect(line?.context).toBe('Numbers');
  expect(await (await fetch(`${management}/numbers`)).text()).toBe('management');
  expect((await fetch(`${open}/numbers`)).status).toBe(404);
});
