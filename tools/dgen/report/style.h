#pragma once
// How the page of a report looks, in light and in dark, and the script that switches between its sounds.

#include <string_view>

namespace dgen::report {

inline constexpr std::string_view style = R"css(
:root {
  color-scheme: light dark;
  --ground: #faf9f6; --card: #ffffff; --ink: #1c1d21; --soft: #63666e; --line: #e4e1da; --grid: #eceae4;
  --target: #545c6b; --start: #cf7a1c; --result: #0b7f84; --mark: #d8f0ee;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #131418; --card: #1b1d22; --ink: #ececee; --soft: #9a9da6; --line: #2e3138; --grid: #282b31;
    --target: #b4bdcc; --start: #f0a04b; --result: #42cbc6; --mark: #16423f;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif;
}
main { max-width: 1080px; margin: 0 auto; padding: 40px 20px 64px; }
header p { margin: 0; color: var(--soft); }
h1 { margin: 2px 0 4px; font-size: 32px; line-height: 1.2; letter-spacing: -0.015em; overflow-wrap: anywhere; }
h2 { margin: 44px 0 10px; font-size: 19px; letter-spacing: -0.005em; }
h2 + p { margin: -6px 0 12px; color: var(--soft); }
h3 { margin: 0; font-size: 15px; }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 13px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(220px, 1fr)); gap: 12px; margin-top: 24px; }
.tiles b { display: block; font-size: 26px; font-weight: 600; letter-spacing: -0.01em; font-variant-numeric: tabular-nums; }
.tiles span { color: var(--soft); font-size: 13px; }
.sound { margin-top: 12px; border-left: 4px solid var(--shade); }
.sound > div:first-child { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 16px; margin-bottom: 6px; }
.sound h3 { min-width: 64px; color: var(--shade); }
.sound audio { height: 34px; flex: 1 1 260px; max-width: 420px; }
.sound small { color: var(--soft); font-variant-numeric: tabular-nums; }
.target { --shade: var(--target); } .start { --shade: var(--start); } .result { --shade: var(--result); }
.plot { position: relative; overflow: hidden; }
.time { cursor: pointer; }
.head {
  position: absolute; top: 0; bottom: 0; width: 1px; background: var(--ink); pointer-events: none; display: none;
  left: calc(5.8333% + var(--at, 0) * 92.0833%);
}
.head.bright { background: #fff; }
.playing .head { display: block; }
svg { display: block; width: 100%; height: auto; font-size: 11px; font-variant-numeric: tabular-nums; }
svg text { fill: var(--soft); }
.grid { stroke: var(--grid); fill: none; }
.line { stroke: var(--shade); fill: none; stroke-width: 1.6; stroke-linejoin: round; }
/* Where curves lie over each other, the target is a wide band that the others are seen on. */
.over .target { stroke-width: 4.5; opacity: 0.38; }
.area { fill: var(--shade); stroke: var(--shade); stroke-width: 0.6; }
.dot { fill: var(--shade); }
.key { display: flex; gap: 18px; margin: 0 0 4px; color: var(--soft); font-size: 13px; }
.key span::before {
  content: ""; display: inline-block; width: 18px; height: 3px; border-radius: 2px; margin-right: 6px;
  vertical-align: middle; background: var(--shade);
}
.paths { display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 12px; }
.paths p { margin: 0 0 4px; color: var(--soft); font-size: 13px; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 500; color: var(--soft); font-size: 13px; }
th, td { padding: 6px 14px 6px 0; border-bottom: 1px solid var(--line); vertical-align: middle; }
tr:last-child td { border-bottom: 0; }
td.n, th.n { text-align: right; white-space: nowrap; }
td.q { color: var(--soft); }
.range { width: 150px; min-width: 150px; }
.range svg { width: 150px; height: 14px; }
.range line { stroke: var(--line); stroke-width: 3; stroke-linecap: round; }
.range .moved { stroke: var(--result); opacity: 0.45; }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
mark { background: var(--mark); color: inherit; border-radius: 3px; padding: 1px 2px; }
.compare {
  position: sticky; top: 8px; z-index: 1; display: flex; flex-wrap: wrap; align-items: center; gap: 8px 14px;
  margin-bottom: 12px; box-shadow: 0 2px 14px rgb(0 0 0 / 0.08);
}
.compare[hidden] { display: none; }
.compare button {
  font: inherit; color: inherit; background: none; border: 1px solid var(--line); border-radius: 7px; padding: 5px 14px;
  cursor: pointer;
}
.compare button[aria-pressed="true"] { border-color: var(--shade); color: var(--shade); box-shadow: inset 0 0 0 1px var(--shade); }
.compare small { color: var(--soft); }
@media (max-width: 640px) { .scroll > .wide { min-width: 620px; } }
@media print { .compare, audio { display: none; } body { background: #fff; } .card { break-inside: avoid; } }
)css";

/// Plays the three sounds in step and switches between them without a gap. Without it each still plays by itself.
inline constexpr std::string_view script = R"js(
(() => {
  const names = ['target', 'start', 'result'], root = document.documentElement;
  const bar = document.querySelector('.compare'), play = bar.querySelector('.play');
  let context = null, buffers = null, gains = [], sources = [], begun = 0, at = 0, playing = false, chosen = 'target';
  bar.hidden = false;
  async function open() {
    if (buffers) return;
    context = new AudioContext();
    buffers = await Promise.all(names.map(name => {
      const text = atob(document.querySelector('#' + name + ' audio').src.split(',')[1]);
      return context.decodeAudioData(Uint8Array.from(text, c => c.charCodeAt(0)).buffer);
    }));
    gains = names.map(() => { const gain = context.createGain(); gain.connect(context.destination); return gain; });
  }
  const length = () => buffers[0].duration;
  const position = () => playing ? Math.max(context.currentTime - begun, 0) % length() : at;
  function choose(name) {
    chosen = name;
    bar.querySelectorAll('[data-sound]').forEach(b => b.setAttribute('aria-pressed', b.dataset.sound === name));
    gains.forEach((gain, k) => gain.gain.setTargetAtTime(names[k] === name ? 1 : 0, context.currentTime, 0.006));
  }
  function stop() {
    if (!playing) return;
    at = position();
    sources.forEach(source => source.stop());
    playing = false;
    play.textContent = '▶ Play';
  }
  async function start(from) {
    await open();
    if (playing) stop();
    document.querySelectorAll('audio').forEach(audio => audio.pause());
    await context.resume();
    const when = context.currentTime + 0.02;
    sources = buffers.map((buffer, k) => {
      const source = context.createBufferSource();
      source.buffer = buffer;
      source.loop = true;
      source.connect(gains[k]);
      source.start(when, from);
      return source;
    });
    begun = when - from;
    playing = true;
    play.textContent = '❚❚ Pause';
    root.classList.add('playing');
    choose(chosen);
    draw();
  }
  function draw() {
    root.style.setProperty('--at', position() / length());
    if (playing) requestAnimationFrame(draw);
  }
  const toggle = () => playing ? stop() : start(at);
  const pick = name => { chosen = name; playing ? choose(name) : start(at); };
  play.addEventListener('click', toggle);
  bar.querySelectorAll('[data-sound]').forEach(b => b.addEventListener('click', () => pick(b.dataset.sound)));
  document.querySelectorAll('.time').forEach(plot => plot.addEventListener('click', async event => {
    await open();
    const box = plot.getBoundingClientRect(), across = (event.clientX - box.left) / box.width;
    chosen = plot.dataset.sound;
    start(Math.min(Math.max((across - 0.058333) / 0.920833, 0), 0.999) * length());
  }));
  document.addEventListener('keydown', event => {
    if (event.target.closest('audio') || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === ' ' && !event.target.closest('button')) { event.preventDefault(); toggle(); }
    else if ('123'.includes(event.key)) pick(names[event.key - 1]);
  });
})();
)js";

}  // namespace dgen::report
