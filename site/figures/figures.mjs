// Figures that move: SVG drawn from numbers that stand in the page. Nothing is computed here but the straight line
// between two stored numbers: a function of the course lives in Python, and its values come with the figure.
//
// Controls are native (range, select), so that a keyboard and a screen reader have them for free; what can be
// dragged in the drawing moves its control. The text below the drawing says in words what is shown.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 560;
const HEIGHT = 320;
const ROOM = { left: 58, right: 14, top: 12, bottom: 44 };
let count = 0;

function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function html(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** A number as somebody would say it. */
export function said(number) {
  if (number === null || number === undefined || !Number.isFinite(number)) return "undefined";
  const size = Math.abs(number);
  if (size !== 0 && (size < 0.001 || size >= 10000)) {
    const [digits, power] = number.toExponential(1).split("e");
    return `${digits.replace("-", "−")} · 10${superscript(Number(power))}`;
  }
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return number.toFixed(size < 0.1 && size > 0 ? 3 : digits).replace("-", "−");
}

function superscript(power) {
  return String(power).replace(/[-0-9]/g, (each) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(each)]);
}

/** The number between two stored ones; undefined if either is missing. */
const between = (a, b, share) => (a === null || b === null ? null : a + (b - a) * share);

/** The place of `value` in increasing `values`: the number below it, and the share of the way to the next. */
export function place(values, value) {
  let low = 0;
  while (low < values.length - 2 && values[low + 1] <= value) low++;
  const share = (value - values[low]) / (values[low + 1] - values[low]);
  return [low, Math.min(1, Math.max(0, share))];
}

// --- axes ---------------------------------------------------------------------------------------------------

class Axes {
  constructor({ xlim, ylim, xlabel = "", ylabel = "", ylog = false, xticks = true }) {
    Object.assign(this, { xlim, ylim, ylog });
    this.number = ++count;
    this.root = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "la-drawing", role: "img" });
    const clip = `la-clip-${this.number}`;
    const box = { x: ROOM.left, y: ROOM.top, width: WIDTH - ROOM.left - ROOM.right, height: HEIGHT - ROOM.top - ROOM.bottom };
    this.root.append(svg("clipPath", { id: clip }, svg("rect", box)));
    const bottom = HEIGHT - ROOM.bottom;
    if (xticks) {
      for (const tick of ticks(xlim)) {
        const x = this.x(tick);
        this.root.append(
          svg("line", { class: tick === 0 ? "la-axis" : "la-grid", x1: x, x2: x, y1: ROOM.top, y2: bottom }),
          svg("text", { class: "la-tick", x, y: bottom + 16, "text-anchor": "middle" }, said(tick).replace(/\.?0+$/, "") || "0"),
        );
      }
    }
    for (const tick of ylog ? powers(ylim) : ticks(ylim)) {
      const y = this.y(tick);
      const text = ylog ? `10${superscript(Math.round(Math.log10(tick)))}` : said(tick).replace(/\.0+$/, "");
      this.root.append(
        svg("line", { class: tick === 0 ? "la-axis" : "la-grid", x1: ROOM.left, x2: WIDTH - ROOM.right, y1: y, y2: y }),
        svg("text", { class: "la-tick", x: ROOM.left - 6, y: y + 4, "text-anchor": "end" }, text),
      );
    }
    if (xlabel) {
      const middle = (ROOM.left + WIDTH - ROOM.right) / 2;
      this.root.append(svg("text", { class: "la-label", x: middle, y: HEIGHT - 8, "text-anchor": "middle" }, xlabel));
    }
    if (ylabel) {
      const middle = (ROOM.top + bottom) / 2;
      const turned = { class: "la-label", "text-anchor": "middle", transform: `translate(12 ${middle}) rotate(-90)` };
      this.root.append(svg("text", turned, ylabel));
    }
    this.inside = svg("g", { "clip-path": `url(#${clip})` });
    this.root.append(this.inside);
  }

  x(value) {
    const [low, high] = this.xlim;
    return ROOM.left + ((value - low) / (high - low)) * (WIDTH - ROOM.left - ROOM.right);
  }

  y(value) {
    let [low, high] = this.ylim;
    if (this.ylog) [low, high, value] = [low, high, value].map((each) => Math.log10(Math.max(each, 1e-300)));
    return HEIGHT - ROOM.bottom - ((value - low) / (high - low)) * (HEIGHT - ROOM.top - ROOM.bottom);
  }

  /** The point of the axes under a pointer. */
  under(event) {
    const box = this.root.getBoundingClientRect();
    const right = ((event.clientX - box.left) / box.width) * WIDTH;
    const down = ((event.clientY - box.top) / box.height) * HEIGHT;
    const share = (right - ROOM.left) / (WIDTH - ROOM.left - ROOM.right);
    const up = (HEIGHT - ROOM.bottom - down) / (HEIGHT - ROOM.top - ROOM.bottom);
    return [this.xlim[0] + share * (this.xlim[1] - this.xlim[0]), this.ylim[0] + up * (this.ylim[1] - this.ylim[0])];
  }

  curve(className) {
    const path = svg("path", { class: className, fill: "none" });
    this.inside.append(path);
    return (xs, ys) => {
      let drawn = "";
      let pen = false;
      xs.forEach((x, at) => {
        const y = ys[at];
        if (y === null || y === undefined) {
          pen = false;
          return;
        }
        // Far outside nothing can be seen, and a huge number would only confuse the browser.
        const down = Math.min(4 * HEIGHT, Math.max(-3 * HEIGHT, this.y(y)));
        drawn += `${pen ? "L" : "M"}${this.x(x).toFixed(1)} ${down.toFixed(1)}`;
        pen = true;
      });
      path.setAttribute("d", drawn);
    };
  }

  /** Let something be dragged: `act` gets the point of the axes under the pointer. */
  drag(handle, act) {
    handle.classList.add("la-handle");
    handle.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      handle.setPointerCapture(event.pointerId);
      const move = (each) => act(this.under(each));
      handle.addEventListener("pointermove", move);
      const end = () => handle.removeEventListener("pointermove", move);
      handle.addEventListener("pointerup", end, { once: true });
      handle.addEventListener("pointercancel", end, { once: true });
    });
  }
}

function ticks([low, high]) {
  const rough = (high - low) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= rough);
  const found = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + 1e-9 * step; at++) found.push(Number((at * step).toPrecision(10)));
  return found;
}

function powers([low, high]) {
  const found = [];
  const from = Math.ceil(Math.log10(low) - 1e-9);
  const to = Math.floor(Math.log10(high) + 1e-9);
  const step = Math.max(1, Math.round((to - from) / 6));
  for (let at = from; at <= to; at += step) found.push(10 ** at);
  return found;
}

// --- controls -----------------------------------------------------------------------------------------------

/** A range over stored values, of equal steps from one to the next; between two of them it interpolates. */
function slider({ label, values, start }, { snap = false }, act) {
  const id = `la-control-${++count}`;
  const input = html("input", { type: "range", id, min: 0, max: values.length - 1, step: snap ? 1 : 0.05, value: start });
  const output = html("output", { for: id });
  const value = () => {
    const at = Number(input.value);
    const low = Math.min(Math.floor(at), values.length - 2);
    return values.length < 2 ? values[0] : between(values[low], values[low + 1], at - low);
  };
  const changed = () => {
    output.textContent = said(value());
    input.setAttribute("aria-valuetext", `${label} ${said(value())}`);
    act();
  };
  input.addEventListener("input", changed);
  output.textContent = said(value());
  input.setAttribute("aria-valuetext", `${label} ${said(value())}`);
  return {
    element: html("div", { class: "la-control" }, html("label", { for: id }, label + " "), input, output),
    /** The stored value below, and the share of the way to the next. */
    at: () => {
      const at = Number(input.value);
      const low = Math.min(Math.floor(at), Math.max(0, values.length - 2));
      return [low, at - low];
    },
    value,
    put: (wanted) => {
      const [low, share] = place(values, wanted);
      input.value = low + share;
      changed();
    },
  };
}

function choice({ label, values, start }, act) {
  const id = `la-control-${++count}`;
  const select = html("select", { id }, ...values.map((each) => html("option", {}, each)));
  select.selectedIndex = start;
  select.addEventListener("input", act);
  return {
    element: html("div", { class: "la-control" }, html("label", { for: id }, label + " "), select),
    at: () => select.selectedIndex,
    value: () => values[select.selectedIndex],
  };
}

/** A range over an interval of the horizontal axis. */
function pointer({ label, start }, xlim, act) {
  const values = Array.from({ length: 49 }, (_, at) => xlim[0] + ((xlim[1] - xlim[0]) * at) / 48);
  const [low, share] = place(values, start);
  return slider({ label, values, start: low + share }, {}, act);
}

function legend(names) {
  const items = names.map((name, at) =>
    html("span", {}, html("i", { class: `la-line-${at}`, "aria-hidden": "true" }), name),
  );
  return html("p", { class: "la-legend" }, ...items);
}

// --- kinds --------------------------------------------------------------------------------------------------

const mix = (a, b, share) => a.map((each, at) => between(each, b[at], share));

const KINDS = {
  /** Curves over a common axis; chosen from lists, or moved through by a slider, or both. */
  curves(data, label) {
    const xlim = [data.x[0], data.x.at(-1)];
    const axes = new Axes({ ...data, xlim });
    const shade = data.shade && svg("g", { class: "la-shade" });
    if (shade) axes.inside.append(shade);
    const lines = data.curves.map((_, at) => axes.curve(`la-line-${at}`));
    const dots = data.marker ? data.curves.map((_, at) => svg("circle", { class: `la-dot-${at}`, r: 5 })) : [];
    const guide = data.marker && svg("line", { class: "la-guide", y1: ROOM.top, y2: HEIGHT - ROOM.bottom });
    if (guide) axes.inside.append(guide, ...dots);
    const choices = (data.choices ?? (data.choice ? [data.choice] : [])).map((each) => choice(each, draw));
    const moved = data.slider && slider(data.slider, {}, draw);
    const marked = data.marker && pointer(data.marker, xlim, draw);
    const words = html("p", { class: "la-words", "aria-live": "polite" });

    function frame() {
      const picked = choices.reduce((sum, each, at) => {
        const after = (data.choices ?? [data.choice]).slice(at + 1).reduce((product, other) => product * other.values.length, 1);
        return sum + each.at() * after;
      }, 0);
      if (!moved) return data.frames[picked];
      const row = data.grid ? data.grid[picked] : data.frames;
      const [low, share] = moved.at();
      if (!share) return row[low];
      const step = data.ylog
        ? (a, b) => a.map((each, at) => Math.exp(between(Math.log(each), Math.log(b[at]), share)))
        : (a, b) => mix(a, b, share);
      return row[low].map((curve, at) => step(curve, row[low + 1][at]));
    }

    function draw() {
      const shown = frame();
      const settings = [...choices.map((each) => each.value()), moved && `${data.slider.label} ${said(moved.value())}`];
      const title = settings.filter(Boolean).join(", ");
      lines.forEach((line, at) => line(data.x, shown ? shown[at] : []));
      if (shade) shadeFlat(axes, shade, data, shown[data.shade.curve]);
      let told = "";
      if (!shown) told = data.missing;
      else if (marked) {
        const x = marked.value();
        const [low, share] = place(data.x, x);
        guide.setAttribute("x1", axes.x(x));
        guide.setAttribute("x2", axes.x(x));
        const values = shown.map((curve) => between(curve[low], curve[low + 1], share));
        dots.forEach((dot, at) => {
          dot.setAttribute("cx", axes.x(x));
          dot.setAttribute("cy", values[at] === null ? -99 : axes.y(values[at]));
        });
        told = `${data.marker.label} = ${said(x)}: ` + data.curves.map((name, at) => `${name} ${said(values[at])}`).join(", ");
      } else {
        told = data.curves.map((name, at) => `${name}: ${said(shown[at][0])} on the left, ${said(shown[at].at(-1))} on the right`).join("; ");
      }
      for (const dot of dots) dot.style.display = shown ? "" : "none";
      words.textContent = told;
      axes.root.setAttribute("aria-label", `${label} Now: ${title}. ${told}`);
    }

    draw();
    if (marked) {
      const grip = svg("rect", { x: ROOM.left, y: ROOM.top, width: WIDTH - ROOM.left - ROOM.right, height: HEIGHT - ROOM.top - ROOM.bottom, fill: "transparent" });
      axes.root.append(grip);
      axes.drag(grip, ([x]) => marked.put(x));
      grip.addEventListener("pointerdown", (event) => marked.put(axes.under(event)[0]));
    }
    const controls = [...choices, moved, marked].filter(Boolean).map((each) => each.element);
    return [axes.root, legend([...data.curves, ...(data.shade ? [data.shade.label] : [])]), html("div", { class: "la-controls" }, ...controls), words];
  },

  /** Bars that a slider moves. */
  bars(data, label) {
    const axes = new Axes({ ...data, xlim: [-0.6, data.labels.length - 0.4], xticks: false });
    const bars = data.labels.map((name, at) => {
      const bar = svg("rect", { class: "la-bar-0", x: axes.x(at - 0.35), width: axes.x(0.35) - axes.x(-0.35) });
      const text = svg("text", { class: "la-tick", x: axes.x(at), "text-anchor": "middle" });
      axes.inside.append(bar, text);
      axes.root.append(svg("text", { class: "la-tick", x: axes.x(at), y: HEIGHT - ROOM.bottom + 16, "text-anchor": "middle" }, name));
      return [bar, text];
    });
    const moved = slider(data.slider, {}, draw);
    const words = html("p", { class: "la-words", "aria-live": "polite" });
    function draw() {
      const [low, share] = moved.at();
      const shown = share ? mix(data.frames[low], data.frames[low + 1], share) : data.frames[low];
      shown.forEach((value, at) => {
        const [bar, text] = bars[at];
        const top = axes.y(value);
        bar.setAttribute("y", top);
        bar.setAttribute("height", Math.max(0, axes.y(0) - top));
        text.setAttribute("y", Math.max(ROOM.top + 12, top - 5));
        text.textContent = said(value);
      });
      words.textContent = data.labels.map((name, at) => `${name}: ${said(shown[at])}`).join(", ");
      axes.root.setAttribute("aria-label", `${label} Now: ${data.slider.label} ${said(moved.value())}. ${words.textContent}`);
    }
    draw();
    return [axes.root, html("div", { class: "la-controls" }, moved.element), words];
  },

  /** Points, one of which can be dragged, and a line that belongs to where it is. */
  line(data, label) {
    const axes = new Axes(data);
    for (const [x, y] of data.points) axes.inside.append(svg("circle", { class: "la-point", cx: axes.x(x), cy: axes.y(y), r: 4.5 }));
    const line = axes.curve("la-line-0");
    const grip = svg("rect", { class: "la-grip", width: 18, height: 18, x: axes.x(data.handle.x) - 9, rx: 3 });
    axes.inside.append(grip);
    const height = slider(data.handle, {}, draw);
    const moved = slider(data.slider, {}, draw);
    const words = html("p", { class: "la-words", "aria-live": "polite" });
    axes.drag(grip, ([, y]) => height.put(Math.min(data.handle.values.at(-1), Math.max(data.handle.values[0], y))));
    function draw() {
      const [row, down] = moved.at();
      const [column, right] = height.at();
      const at = (r) => mix(data.lines[r][column], data.lines[r][column + 1], right);
      const [a, b] = mix(at(row), at(row + 1), down);
      line(data.xlim, data.xlim.map((x) => a + b * x));
      grip.setAttribute("y", axes.y(height.value()) - 9);
      words.textContent = data.says.replace("{a}", said(a)).replace("{b}", said(b));
      const settings = `${data.slider.label} ${said(moved.value())}, ${data.handle.label} ${said(height.value())}`;
      axes.root.setAttribute("aria-label", `${label} Now: ${settings}. ${words.textContent}`);
    }
    draw();
    return [axes.root, html("div", { class: "la-controls" }, height.element, moved.element), words];
  },

  /** A path of steps over the level lines of a valley. */
  path(data, label) {
    const axes = new Axes(data);
    for (const level of data.levels) {
      const [rx, ry] = data.curvatures.map((each) => Math.sqrt((2 * level) / each));
      axes.inside.append(
        svg("ellipse", { class: "la-level", cx: axes.x(0), cy: axes.y(0), rx: axes.x(rx) - axes.x(0), ry: axes.y(0) - axes.y(ry) }),
      );
    }
    const line = axes.curve("la-line-0");
    const dots = data.paths[0].map(() => svg("circle", { class: "la-dot-0", r: 2.8 }));
    axes.inside.append(...dots);
    const moved = slider(data.slider, { snap: true }, draw);
    const words = html("p", { class: "la-words", "aria-live": "polite" });
    function draw() {
      const [low, share] = moved.at();
      const at = share > 0.5 ? low + 1 : low;
      const path = data.paths[at];
      line(path.map(([x]) => x), path.map(([, y]) => y));
      dots.forEach((dot, step) => {
        dot.setAttribute("cx", axes.x(path[step][0]));
        dot.setAttribute("cy", axes.y(path[step][1]));
      });
      words.textContent = data.says.replace("{loss}", said(data.losses[at].at(-1)));
      axes.root.setAttribute("aria-label", `${label} Now: ${data.slider.label} ${said(moved.value())}. ${words.textContent}`);
    }
    draw();
    return [axes.root, html("div", { class: "la-controls" }, moved.element), words];
  },
};

/** Shade where a curve is nearly 0. */
function shadeFlat(axes, group, data, curve) {
  group.replaceChildren();
  let from = null;
  data.x.forEach((x, at) => {
    const flat = curve[at] !== null && Math.abs(curve[at]) < data.shade.below;
    if (flat && from === null) from = x;
    const last = at === data.x.length - 1;
    if (from !== null && (!flat || last)) {
      const to = flat ? x : data.x[at - 1];
      const left = axes.x(from);
      group.append(svg("rect", { x: left, width: Math.max(0, axes.x(to) - left), y: ROOM.top, height: HEIGHT - ROOM.top - ROOM.bottom }));
      from = null;
    }
  });
}

for (const figure of typeof document === "undefined" ? [] : document.querySelectorAll(".la-moving")) {
  const draw = KINDS[figure.dataset.kind];
  if (!draw) continue;
  const data = JSON.parse(figure.querySelector("script").textContent);
  const live = html("div", { class: "la-live" });
  live.append(...draw(data, figure.dataset.label));
  figure.append(live);
  figure.classList.add("la-moves");
}
