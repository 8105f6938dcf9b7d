import { describe, expect, it } from 'vitest';
import { REQUIRED_VARIABLES } from '../../testing/required-variables.js';
import { lenientEnvironment } from './configuration.check.js';

describe('lenientEnvironment', () => {
  it('has the rest of the settings when deadlines do not go together', () => {
    const { environment, wrong } = lenientEnvironment({ ...REQUIRED_VARIABLES, DATABASE_TIMEOUT_MS: '60000' });
    expect([...wrong]).toEqual(['EXPRESSPLAY_TIMEOUT_MS']);
    expect(environment.DATABASE_URL.current).toBe(REQUIRED_VARIABLES.DATABASE_URL);
  });
});
