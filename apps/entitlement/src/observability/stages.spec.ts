import { describe, expect, it } from 'vitest';
import { type Stage, Stages } from './stages.js';

describe('Stages', () => {
  it('runs the work once and answers with what it answers', async () => {
    let runs = 0;
    const outcome = await new Stages().run('decision', () => Promise.resolve((runs += 1)));
    expect([outcome, runs]).toEqual([1, 1]);
  });

  it('runs the work within the wrappers, the first outermost', async () => {
    const told: string[] = [];
    const stages = new Stages();
    const wrapperOf =
      (name: string) =>
      async <T>(stage: Stage, work: () => Promise<T>) => {
        told.push(`${name} before ${stage}`);
        try {
          return await work();
        } finally {
          told.push(`${name} after ${stage}`);
        }
      };
    stages.wrap(wrapperOf('outer'));
    stages.wrap(wrapperOf('inner'));
    await expect(stages.run('upstream', () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(told).toEqual([
      'outer before upstream',
      'inner before upstream',
      'inner after upstream',
      'outer after upstream',
    ]);
  });
});
