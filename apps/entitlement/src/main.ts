import { requireNode } from '@app/node-version';

requireNode();
await import('./serve.js');
