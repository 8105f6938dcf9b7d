// Makes connections for the pool, each within an exact deadline.
import { buildConnector, errors } from 'undici';

/**
 * A connector that fails with `UND_ERR_CONNECT_TIMEOUT` when name lookup, TCP and TLS together take longer than `timeoutMs`
 * milliseconds. undici's own deadline comes up to a second late, because its timers tick twice a second; it is set all the same,
 * to clean up the socket that is given up here.
 */
export function connectorWithin(timeoutMs: number): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMs });
  return (options, callback) => {
    let givenUp = false;
    const timer = setTimeout(() => {
      givenUp = true;
      callback(new errors.ConnectTimeoutError('no connection in time'), null);
    }, timeoutMs);
    connect(options, (...outcome) => {
      clearTimeout(timer);
      if (givenUp) {
        outcome[1]?.destroy();
      } else {
        callback(...outcome);
      }
    });
  };
}
