export { ClockModule } from './clock.module.js';
export { Clock, ManualClock, SystemClock } from './clock.js';
