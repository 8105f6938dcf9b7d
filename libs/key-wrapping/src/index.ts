export { KeyIntegrityError, unwrapKey, wrapKey } from './key-wrapping.js';
