import { requireNode } from '@app/platform/node-version';

requireNode();
await import('./serve.js');
