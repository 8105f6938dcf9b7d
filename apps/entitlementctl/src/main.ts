#!/usr/bin/env node
import { requireNode } from '@app/node-version';
import { EXIT } from './terminal/exit-codes.js';

requireNode(EXIT.unavailable);
await import('./command-line.js');
