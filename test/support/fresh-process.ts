// Before each file of tests: what libraries keep for the whole process, a worker that runs many files gives up.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConsoleLogger, Logger } from '@nestjs/common';

/** nestjs-pino has one root logger a process, the first module's; it exports no way to forget it. */
const folder = dirname(createRequire(import.meta.url).resolve('nestjs-pino/package.json'));
const { resetRootLogger } = (await import(pathToFileURL(join(folder, 'dist/esm/rootLogger.js')).href)) as {
  resetRootLogger: () => void;
};

resetRootLogger();
Logger.overrideLogger(new ConsoleLogger());
