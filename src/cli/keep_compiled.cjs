// Has Node keep what it compiles of wrangler for the next run: a tenth of each goes into
// that. Not by NODE_COMPILE_CACHE, which build commands of projects would inherit. Where
// the folder cannot be written to, or that variable is set, Node does as ever.
'use strict';

const { enableCompileCache } = require('node:module');
const { join } = require('node:path');

enableCompileCache(join(__dirname, '../../build/compiled'));
