// Before each file of tests: what Nest keeps for the whole process, a worker that runs many files gives up.
import { ConsoleLogger, Logger } from '@nestjs/common';

Logger.overrideLogger(new ConsoleLogger());
