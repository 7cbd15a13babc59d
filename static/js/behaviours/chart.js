/* Draws a table of the page as a chart. The table stays the source and is there without any script; where it stands
   below its chart, it folds up. Colours come from the page's tokens and follow its appearance. */

const TOP = 12;
const LINES = ["accent", "info", "warn", "bad", "good", "text-muted"];
let library = null;

export default function chart(box) {
  const table = document.getElementById(box.dataset.table);
  const details = table?.closest("details");
  if (!table) return;
  if (details) details.open = false;
  box.hidden = false;
  box.setAttribute("role", "img");
  box.setAttribute("aria-label", box.dataset.label);
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seen.disconnect();
    load(box.dataset.library).then(
      (echarts) => draw(echarts, box, read(table)),
      () => giveUp(box, details),
    );
  }, { rootMargin: "300px" });
  seen.observe(box);
}

/* No picture without the library: the figures themselves. */
function giveUp(box, details) {
  box.hidden = true;
  if (details) details.open = true;
}

function load(url) {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => resolve(window.echarts);
    script.onerror = reject;
    document.head.append(script);
  });
  return library;
}

function read(table) {
  const columns = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent.trim());
  const rows = [...table.tBodies[0].rows].map((row) => ({
    name: row.cells[0].textContent.trim(),
    values: [...row.cells].slice(1).map((cell) => (cell.dataset.value === undefined ? null : Number(cell.dataset.value))),
  }));
  return { columns, rows };
}

function draw(echarts, box, data) {
  const locale = document.documentElement.lang.startsWith("zh") ? "ZH" : "EN";
  const made = echarts.init(box, null, { renderer: "canvas", locale });
  const paint = () => made.setOption(options(box, data), true);
  paint();
  new ResizeObserver(() => made.resize()).observe(box);
  new MutationObserver(paint).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
}

/* A token's colour as the page shows it now; custom properties alone would say light-dark(…). */
function colour(name) {
  const probe = document.createElement("span");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

function options(box, data) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const tones = box.dataset.tones ? box.dataset.tones.split(" ").map(toned) : LINES.map(toned);
  const text = colour("text-muted");
  const line = colour("line");
  const base = {
    animation: !still,
    animationDuration: 150,
    aria: { enabled: true, label: { description: box.dataset.label } },
    color: tones,
    textStyle: { color: text, fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12 },
    grid: { left: 8, right: 16, top: 28, bottom: 8, containLabel: true },
  };
  return { ...base, ...KINDS[box.dataset.chart](data, { text, line, tones }) };
}

function toned(name) {
  return colour(name === "muted" ? "line-strong" : name);
}

function axes(names, { text, line }, { across = false } = {}) {
  const category = {
    type: "category",
    data: names,
    axisLabel: { color: text, ...(across ? { width: 160, overflow: "truncate" } : { hideOverlap: true }) },
    axisLine: { lineStyle: { color: line } },
    axisTick: { show: false },
    inverse: across,
  };
  const value = {
    type: "value",
    minInterval: 1,
    axisLabel: { color: text, hideOverlap: true },
    splitLine: { lineStyle: { color: line } },
  };
  return across ? { xAxis: value, yAxis: category } : { xAxis: category, yAxis: value };
}

function legend(names, { text }) {
  return { data: names, top: 0, left: 0, itemWidth: 12, itemHeight: 8, textStyle: { color: text, fontSize: 12 } };
}

const KINDS = {
  /* The first series as bars, any other as a line behind them. */
  bars(data, look) {
    return {
      ...axes(data.rows.map((row) => row.name), look),
      legend: legend(data.columns, look),
      tooltip: tip("axis"),
      series: data.columns.map((name, number) => ({
        name,
        type: number === 0 ? "bar" : "line",
        z: number === 0 ? 2 : 1,
        showSymbol: false,
        barMaxWidth: 24,
        data: data.rows.map((row) => row.values[number]),
      })),
    };
  },

  stacked(data, look) {
    return {
      ...axes(data.rows.map((row) => row.name), look),
      legend: legend(data.columns, look),
      tooltip: tip("axis"),
      series: stack(data),
    };
  },

  rows(data, look) {
    const shown = data.rows.slice(0, TOP);
    return {
      ...axes(shown.map((row) => row.name), look, { across: true }),
      grid: { left: 8, right: 32, top: 8, bottom: 8, containLabel: true },
      tooltip: tip("item"),
      series: [
        {
          name: data.columns[0],
          type: "bar",
          barMaxWidth: 18,
          label: { show: true, position: "right", color: look.text },
          data: shown.map((row) => row.values[0]),
        },
      ],
    };
  },

  stackedrows(data, look) {
    const shown = { ...data, rows: data.rows.slice(0, TOP) };
    return {
      ...axes(shown.rows.map((row) => row.name), look, { across: true }),
      legend: legend(data.columns, look),
      tooltip: tip("axis"),
      series: stack(shown),
    };
  },

  heat(data, look) {
    const points = data.rows.flatMap((row, y) => row.values.map((value, x) => [x, y, value]));
    const most = Math.max(1, ...points.map((point) => point[2]));
    const labels = { axisLine: { show: false }, axisTick: { show: false }, axisLabel: { color: look.text } };
    return {
      grid: { left: 8, right: 8, top: 8, bottom: 44, containLabel: true },
      xAxis: { type: "category", data: data.columns, ...labels },
      yAxis: { type: "category", data: data.rows.map((row) => row.name), inverse: true, ...labels },
      visualMap: {
        min: 0,
        max: most,
        calculable: false,
        orient: "horizontal",
        left: "center",
        bottom: 0,
        itemHeight: 120,
        itemWidth: 10,
        textStyle: { color: look.text },
        inRange: { color: [colour("surface-sunken"), colour("accent")] },
      },
      tooltip: {
        ...tip("item"),
        formatter: ({ value }) => `${data.rows[value[1]].name} ${data.columns[value[0]]}: ${value[2]}`,
      },
      series: [{ type: "heatmap", data: points, itemStyle: { borderColor: colour("surface"), borderWidth: 2 } }],
    };
  },
};

function stack(data) {
  return data.columns.map((name, number) => ({
    name,
    type: "bar",
    stack: "all",
    barMaxWidth: 24,
    data: data.rows.map((row) => row.values[number]),
  }));
}

function tip(trigger) {
  return {
    trigger,
    renderMode: "richText",
    confine: true,
    backgroundColor: colour("surface-raised"),
    borderColor: colour("line"),
    textStyle: { color: colour("text"), fontSize: 12 },
  };
}
