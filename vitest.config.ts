import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// The two that need a database. What is tried at random, `*.property.e2e-spec.ts`, is in both: a few times, and as often as it takes.
const service = {
  globalSetup: ['test/support/global-setup.ts'],
  testTimeout: 60_000,
  hookTimeout: 120_000,
};

// Vitest compiles decorators and their metadata itself, so tests run the sources, not `dist`.
export default defineConfig({
  resolve: { tsconfigPaths: true },
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  test: {
    // Importing the service takes longer than most files' tests, so a worker does it once.
    isolate: false,
    // They wait more than they compute.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    setupFiles: ['test/support/fresh-process.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['apps/**/*.spec.ts', 'libs/**/*.spec.ts', 'prisma/**/*.spec.ts', 'scripts/**/*.spec.ts'],
        },
      },
      {
        extends: true,
        test: { name: 'e2e', ...service, include: ['test/**/*.e2e-spec.ts'], provide: { soak: false } },
      },
      {
        extends: true,
        test: {
          name: 'soak',
          ...service,
          include: ['test/**/*.soak-spec.ts', 'test/**/*.property.e2e-spec.ts'],
          provide: { soak: true },
          // Some weigh what the process holds, and some make it busy.
          isolate: true,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
