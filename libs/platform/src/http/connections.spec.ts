import { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startConnectionTimer } from './connections.js';

describe('connection timers', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('act in time, unless they are called off', () => {
    const acted: string[] = [];
    const socket = new Socket();
    startConnectionTimer(socket, () => acted.push('kept'), 100);
    startConnectionTimer(socket, () => acted.push('called off'), 100)();
    vi.advanceTimersByTime(99);
    expect(acted).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(acted).toEqual(['kept']);
  });

  it('end with their connection and leave others alone, with one listener however many they are', () => {
    const acted: string[] = [];
    const [gone, open] = [new Socket(), new Socket()];
    for (let count = 0; count < 50; count += 1) startConnectionTimer(gone, () => acted.push('gone'), 100);
    startConnectionTimer(open, () => acted.push('open'), 100);
    expect(gone.listenerCount('close')).toBe(new Socket().listenerCount('close') + 1);
    gone.emit('close');
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(100);
    expect(acted).toEqual(['open']);
  });
});
