#!/usr/bin/env node
import { requireNode } from '@app/platform/node-version';
import { EXIT } from './cli/terminal/exit-codes.js';

requireNode(EXIT.unavailable);
await import('./cli/command-line.js');
