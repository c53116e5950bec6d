// The binding `performance`, for Workers that make histograms of node:perf_hooks
// (runtime/node/histograms).
export { performance } from '../../node/histograms/binding.ts';
