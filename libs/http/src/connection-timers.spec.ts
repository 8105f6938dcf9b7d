import { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConnectionTimers } from './connection-timers.js';

describe('ConnectionTimers', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('act in time, unless they are called off', () => {
    const timers = new ConnectionTimers();
    const acted: string[] = [];
    const socket = new Socket();
    timers.start(socket, () => acted.push('kept'), 100);
    timers.start(socket, () => acted.push('called off'), 100)();
    vi.advanceTimersByTime(99);
    expect(acted).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(acted).toEqual(['kept']);
  });

  it('end with their connection and leave others alone, with one listener however many they are', () => {
    const timers = new ConnectionTimers();
    const acted: string[] = [];
    const [gone, open] = [new Socket(), new Socket()];
    for (let count = 0; count < 50; count += 1) timers.start(gone, () => acted.push('gone'), 100);
    timers.start(open, () => acted.push('open'), 100);
    expect(gone.listenerCount('close')).toBe(new Socket().listenerCount('close') + 1);
    gone.emit('close');
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(100);
    expect(acted).toEqual(['open']);
  });
});
