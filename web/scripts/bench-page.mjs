// What a visitor feels, in a real Chromium against the real server with the demo loaded, beside its
// budget. Judges nothing: fails only where something could not be measured.
import { readFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { chromium } from '@playwright/test';
import { start } from '../e2e/support/server.ts';
import config from '../playwright.config.ts';

const LOADS = 3;
// "Fast 4G" of Chromium's developer tools: 9 and 1.5 Mbit/s less a tenth, 60 ms × 2.75 per request.
const FAST_4G = { down: 8.1, up: 1.35, latency: 165, slowdown: 4 };
const QUESTION = 'What if a subsidy cuts heat pump prices by 35% from month 9?';
const INSPECTIONS = 3;
const MONTH_STEPS = 20;
const MONTHS_PER_SECOND = 8;
const PAN_MS = 3_000;
// Less than the map's margin, so that every node stays in view.
const PAN_PX = 24;

const LCP = { unit: 'ms', digits: 0 };
const CLS = { unit: '', digits: 4, budget: 0.02 };
const LATENCY = { unit: 'ms', digits: 0, budget: 200 };
const FRAME = { unit: 'ms', digits: 1 };
const FRAME_P95 = { ...FRAME, budget: 20 };

const median = (values) => quantile(values, 0.5);

/** The smallest value that a share of all values does not exceed. */
function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

// ---- in the page -------------------------------------------------------------------------------

/** Runs before the page's own scripts; what it sees is read back through `window.bench`. */
function observe() {
  const seen = { lcp: 0, shift: 0, latencies: {}, maps: 0, pictures: 0, stamps: [], painted: [] };
  const watch = (type, each, options) =>
    new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({
      type,
      buffered: true,
      ...options,
    });
  watch('largest-contentful-paint', (entry) => {
    seen.lcp = entry.startTime;
  });
  watch('layout-shift', (entry) => {
    if (!entry.hadRecentInput) seen.shift += entry.value;
  });
  const longest = ({ interactionId: id, duration }) => {
    if (id) seen.latencies[id] = Math.max(duration, seen.latencies[id] ?? 0);
  };
  watch('event', longest, { durationThreshold: 16 });
  const { clearRect, putImageData } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.clearRect = function (...box) {
    seen.maps += 1;
    clearRect.apply(this, box);
  };
  let pressed = null;
  addEventListener('keydown', (event) => (pressed = event.timeStamp), true);
  CanvasRenderingContext2D.prototype.putImageData = function (...image) {
    putImageData.apply(this, image);
    seen.pictures += 1;
    if (pressed === null) return;
    const from = pressed;
    pressed = null;
    // A task queued in a frame runs once that frame has been painted.
    requestAnimationFrame(() => setTimeout(() => seen.painted.push(performance.now() - from)));
  };
  window.bench = seen;
}

function recordFrames() {
  window.bench.stamps = [];
  const next = (at) => {
    window.bench.stamps.push(at);
    window.bench.request = requestAnimationFrame(next);
  };
  window.bench.request = requestAnimationFrame(next);
}

function recordedFrames() {
  cancelAnimationFrame(window.bench.request);
  return window.bench.stamps;
}

/**
 * Milliseconds between the frames that Chromium begins while something happens. Refuses to time a
 * canvas that was painted less often than it had to be: idle frames are always smooth.
 */
async function framesWhile(page, act, painted, { atLeast = 0, perFrame = 0 }) {
  const count = () => page.evaluate((kind) => window.bench[kind], painted);
  const before = await count();
  await page.evaluate(recordFrames);
  await act();
  const stamps = await page.evaluate(recordedFrames);
  const times = (await count()) - before;
  const expected = Math.max(atLeast, perFrame * stamps.length);
  if (times < expected) throw new Error(`painted ${times} times, expected ${Math.ceil(expected)}`);
  return stamps.slice(1).map((at, index) => at - stamps[index]);
}

function frameRows(what, frames) {
  const samples = frames.length;
  return [
    { what: `${what}: frame p50`, value: median(frames), samples, ...FRAME },
    { what: `${what}: frame p95`, value: quantile(frames, 0.95), samples, ...FRAME_P95 },
  ];
}

// ---- the demo ----------------------------------------------------------------------------------

/** Signs the browser in with the link that the demo prints; the answer's token reads the API. */
async function signIn(context, server) {
  const token = /#token=(\S+)/.exec(await readFile(server.log, 'utf8'))?.[1];
  if (!token) throw new Error('the demo printed no sign-in link');
  const page = await context.newPage();
  const answer = page.waitForResponse('**/api/v1/auth/one-time');
  await page.goto(`/sign-in#token=${token}`);
  const { access_token } = await (await answer).json();
  await page.getByRole('link', { name: 'Projects', exact: true }).waitFor();
  await page.close();
  return (path) => read(`${server.url}/api/v1${path}`, access_token);
}

async function read(address, token) {
  const answer = await fetch(address, { headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
  return answer.json();
}

/** The demo's project, its graph, and the run that its question's answer came from. */
async function findDemo(api) {
  const [project] = (await api('/projects')).items;
  const { nodes } = await api(`/nodes?project_id=${project.id}`);
  const root = nodes.find((node) => node.kind === 'root');
  const branch = nodes.find((node) => node.kind === 'branch');
  const { runs } = await api(`/nodes/${branch.id}`);
  const run = runs.find((entry) => entry.variant === 'with_social_rules');
  return { project, root, branch, run, universe: `/projects/${project.id}/universe` };
}

async function withPage(context, measure) {
  const page = await context.newPage();
  await page.addInitScript(observe);
  try {
    return await measure(page);
  } finally {
    await page.close();
  }
}

const outcomeChart = (page) => page.getByRole('img', { name: /by month against the baseline/ });
const projectRow = (page, { project }) => page.getByRole('row', { name: project.name });

// ---- loading -----------------------------------------------------------------------------------

async function measureLoads(context, demo) {
  const pages = [
    ['/projects', '/projects', (page) => projectRow(page, demo)],
    ['universe', demo.universe, outcomeChart],
  ];
  const rows = [];
  for (const [name, path, content] of pages) {
    rows.push(...(await loadRows(context, `${name}, local`, path, content, null, 1_000)));
    rows.push(...(await loadRows(context, `${name}, Fast 4G`, path, content, FAST_4G, 2_000)));
  }
  return rows;
}

async function loadRows(context, what, path, content, network, budget) {
  const loads = [];
  for (let load = 0; load < LOADS; load += 1) {
    loads.push(await withPage(context, (page) => loadOnce(page, path, content, network)));
  }
  return [
    {
      what: `${what}: LCP`,
      value: median(loads.map(({ lcp }) => lcp)),
      samples: LOADS,
      ...LCP,
      budget,
    },
    {
      what: `${what}: CLS`,
      value: median(loads.map(({ shift }) => shift)),
      samples: LOADS,
      ...CLS,
    },
  ];
}

/** One load without the browser's cache, until the page's content has stood for a moment. */
async function loadOnce(page, path, content, network) {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  if (network) await throttle(session, network);
  await page.goto(path);
  await content(page).first().waitFor();
  await page.waitForTimeout(500);
  const { lcp, shift } = await page.evaluate(() => window.bench);
  if (lcp === 0) throw new Error('Chromium reported no largest contentful paint');
  return { lcp, shift };
}

async function throttle(session, { down, up, latency, slowdown }) {
  const bytesPerSecond = (megabits) => (megabits * 1e6) / 8;
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency,
    downloadThroughput: bytesPerSecond(down),
    uploadThroughput: bytesPerSecond(up),
  });
  await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
}

// ---- interacting -------------------------------------------------------------------------------

const measureInteractions = (context, demo) =>
  withPage(context, async (page) => {
    await page.goto(demo.universe);
    await outcomeChart(page).waitFor();
    const typing = await latenciesOf(page, () => typeQuestion(page));
    const inspecting = await latenciesOf(page, () => inspectNodes(page, demo));
    return [
      inpRow('typing in the Ask box', typing),
      inpRow('opening and closing the inspector', inspecting),
    ];
  });

/** Interactions of less than 16 ms are counted but not timed: they stand as 16. */
async function latenciesOf(page, act) {
  const before = await page.evaluate(() => performance.interactionCount);
  await page.evaluate(() => {
    window.bench.latencies = {};
  });
  await act();
  await page.waitForTimeout(500);
  const { timed, count } = await page.evaluate(() => ({
    timed: Object.values(window.bench.latencies),
    count: performance.interactionCount,
  }));
  if (count === before) throw new Error('Chromium counted no interaction');
  return [...timed, ...Array(Math.max(0, count - before - timed.length)).fill(16)];
}

/** From input to the next painted frame; of 50 interactions the slowest one is left out. */
function inpRow(what, latencies) {
  const value = quantile(latencies, 0.98);
  return { what: `${what}: INP`, value, samples: latencies.length, ...LATENCY };
}

async function typeQuestion(page) {
  await page.getByRole('textbox', { name: 'Ask a what-if question' }).click();
  await page.keyboard.type(QUESTION, { delay: 50 });
}

async function inspectNodes(page, { root, branch }) {
  for (let time = 0; time < INSPECTIONS; time += 1) {
    for (const node of [branch, root]) {
      await page.locator(`[data-node="${node.id}"]`).click();
      const close = page.getByRole('button', { name: 'Close the inspector' });
      await close.waitFor();
      await close.click();
    }
  }
}

// ---- replay ------------------------------------------------------------------------------------

async function measureReplay(context, { project, run }) {
  const what = `replay, ${project.personas.toLocaleString('en')} personas`;
  const open = async (page, act) => {
    await page.goto(`/runs/${run.id}/replay`);
    await page.getByRole('img', { name: /personas by region/ }).waitFor();
    return act(page);
  };
  const frames = await withPage(context, (page) => open(page, () => play(page, project.horizon)));
  const steps = await withPage(context, (page) => open(page, stepMonths));
  const samples = steps.length;
  return [
    ...frameRows(`${what}, ${MONTHS_PER_SECOND} months/s`, frames),
    { what: `${what}: key to picture p50`, value: median(steps), samples, ...LATENCY },
    { what: `${what}: key to picture p95`, value: quantile(steps, 0.95), samples, ...LATENCY },
  ];
}

/** From the first month to the last, none of them fetched before. */
async function play(page, horizon) {
  await page.getByLabel('Speed').selectOption(`${MONTHS_PER_SECOND}`);
  await page.getByLabel('Speed').blur();
  const toTheEnd = async () => {
    await page.keyboard.press('Space');
    const slider = page.getByRole('slider', { name: 'Month', exact: true });
    await page.waitForFunction(
      ([input, last]) => input.valueAsNumber === last,
      [await slider.elementHandle(), horizon],
    );
  };
  return framesWhile(page, toTheEnd, 'pictures', { atLeast: horizon });
}

async function stepMonths(page) {
  for (let step = 0; step < MONTH_STEPS; step += 1) {
    await page.keyboard.press('ArrowRight');
    await page.waitForTimeout(100);
  }
  const { painted } = await page.evaluate(() => window.bench);
  if (painted.length < MONTH_STEPS) {
    throw new Error(`${painted.length} pictures for ${MONTH_STEPS} keys`);
  }
  return painted;
}

// ---- map ---------------------------------------------------------------------------------------

const measureMap = (context, demo, size) =>
  withPage(context, async (page) => {
    const graph = syntheticGraph(demo, size);
    await page.route(/\/api\/v1\/nodes\?/, (route) => route.fulfill({ json: graph }));
    await page.goto(demo.universe);
    await outcomeChart(page).waitFor();
    await page.waitForTimeout(1_000);
    const canvas = await page
      .getByRole('region', { name: 'Universe map' })
      .locator('canvas')
      .elementHandle();
    const frames = await framesWhile(
      page,
      () => page.evaluate(swing, [canvas, PAN_MS, PAN_PX]),
      'maps',
      { perFrame: 0.8 },
    );
    return frameRows(`map, synthetic graph of ${size.toLocaleString('en')} nodes`, frames);
  });

/** The real root and copies of the real branch, each continuing a pseudo-random earlier one. */
function syntheticGraph({ root, branch }, size) {
  const nodes = [root, branch];
  for (let index = 2; index < size; index += 1) {
    const parent = nodes[(Math.imul(index, 2_654_435_761) >>> 0) % index];
    nodes.push(copyOf(branch, parent, index));
  }
  const edges = nodes.slice(1).map(({ id, parent_id, label, explanation }) => ({
    parent_id,
    child_id: id,
    label,
    explanation,
  }));
  return { nodes, edges };
}

/** Older than the real branch, which stays the one that the page's chart is about. */
function copyOf(branch, parent, index) {
  return {
    ...branch,
    id: `00000000-0000-7000-8000-${index.toString(16).padStart(12, '0')}`,
    parent_id: parent.id,
    depth: parent.depth + 1,
    created_at: new Date(Date.parse('2020-01-01') + index * 1_000).toISOString(),
    ...(index % 10 === 0
      ? { status: 'not_run', outcome: null, difference: null }
      : { difference: moved(branch.difference, index) }),
  };
}

/** Some above the baseline, some below, some unclear. */
function moved(strip, index) {
  const by = ((index % 21) / 10 - 1) * strip.median * 2;
  return { ...strip, low: strip.low + by, median: strip.median + by, high: strip.high + by };
}

/**
 * In the page: swings the map by one wheel event in every frame. Real input would reach the page
 * less often on a busy machine, and the idle frames between would look smooth.
 */
function swing([canvas, duration, reach]) {
  return new Promise((done) => {
    const began = performance.now();
    let shown = 0;
    const turn = () => {
      const angle = (performance.now() - began) / 150;
      const wanted = reach * Math.sin(angle);
      const [deltaX, deltaY] = [wanted - shown, (wanted - shown) / 2];
      shown = wanted;
      canvas.dispatchEvent(
        new WheelEvent('wheel', { deltaX, deltaY, bubbles: true, cancelable: true }),
      );
      if (performance.now() - began < duration) requestAnimationFrame(turn);
      else done();
    };
    turn();
  });
}

// ---- all of it ---------------------------------------------------------------------------------

const MEASUREMENTS = [
  ['loading', measureLoads],
  ['interacting', measureInteractions],
  ['replay', measureReplay],
  ['map, 2,000 nodes', (context, demo) => measureMap(context, demo, 2_000)],
  ['map, 20,000 nodes', (context, demo) => measureMap(context, demo, 20_000)],
];

async function measureAll(context, demo) {
  const rows = [];
  const failures = [];
  for (const [name, measure] of MEASUREMENTS) {
    try {
      const found = await measure(context, demo);
      for (const row of found) printRow(row);
      rows.push(...found);
    } catch (error) {
      failures.push(name);
      console.error(`NOT MEASURED ${name}: ${error.message}`);
    }
  }
  return { rows, failures };
}

function printRow({ what, value, unit, digits, budget, samples }) {
  const limit = budget === undefined ? '' : ` of ${budget} ${unit}`.trimEnd();
  const measured = `${value.toFixed(digits)} ${unit}`.trimEnd().padStart(9);
  console.log(`${what.padEnd(56)} ${`n=${samples}`.padEnd(6)} ${measured}${limit}`);
}

async function readConditions(browser) {
  const session = await browser.newBrowserCDPSession();
  const { gpu } = await session.send('SystemInfo.getInfo');
  return {
    chromium: browser.version(),
    gpu_compositing: gpu.featureStatus.gpu_compositing,
    cores: availableParallelism(),
    load_at_start: Number(loadavg()[0].toFixed(1)),
    fast_4g: FAST_4G,
  };
}

function printConditions({ chromium: version, gpu_compositing, cores, load_at_start, fast_4g }) {
  const { down, up, latency, slowdown } = fast_4g;
  console.log(`Chromium ${version}, GPU compositing ${gpu_compositing}; ${cores} cores, load ${load_at_start}.
Fast 4G: ${down} Mbit/s down, ${up} up, ${latency} ms per request, CPU ${slowdown} times slower.
Loads: without cache, median of ${LOADS}. INP: p98 of Chromium's event timing.
Synthetic graph: copies of the demo's answered branch, all in view, panned in every frame for ${PAN_MS / 1_000} s.
`);
}

function asJson({ rows, failures }, conditions) {
  const results = rows.map(({ digits, value, ...row }) => ({
    ...row,
    value: Number(value.toFixed(digits)),
  }));
  return { what: 'page', ...conditions, results, failures };
}

async function bench(server, browser) {
  const { viewport, colorScheme } = config.use;
  const context = await browser.newContext({ viewport, colorScheme, baseURL: server.url });
  context.setDefaultTimeout(20_000);
  const demo = await findDemo(await signIn(context, server));
  const conditions = await readConditions(browser);
  printConditions(conditions);
  const outcome = await measureAll(context, demo);
  console.log(`\n${JSON.stringify(asJson(outcome, conditions))}`);
  return outcome.failures.length;
}

const browser = await chromium.launch(config.use.launchOptions);
const server = await start('demo');
try {
  process.exitCode = (await bench(server, browser)) > 0 ? 1 : 0;
} finally {
  await browser.close();
  await server.stop();
}
