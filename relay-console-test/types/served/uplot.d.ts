/** What lib/uplot/uPlot.iife.min.js defines. */
declare const uPlot: typeof import('uplot').default;
