// The recording: two lanes drawn from the server's peaks, played by the browser's own player, so that nothing is decoded here.
import WaveSurfer from "../../packages/wavesurfer.js";

const SILENCE_PEAK = 4;
const SILENCE_MIN_MS = 1200;

export class Sound extends EventTarget {
  constructor(root, sound, likes) {
    super();
    this.duration = Number(root.dataset.duration);
    this.stopAt = null;
    this.speed = likes.speed;
    this.skipping = likes.skip;
    const channels = sound.peaks?.channels ?? [[0], [0]];
    this.silences = sound.peaks ? findSilences(sound.peaks) : [];
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => resolve(style, name);
    this.media = new Audio();
    this.media.preload = "metadata";
    this.media.src = root.dataset.audio;
    this.media.preservesPitch = true;
    const lanes = channels.length > 1 ? ["--seller", "--client"] : ["--seller"];
    const height = Math.floor(document.querySelector("#wave").clientHeight / lanes.length);
    this.wave = WaveSurfer.create({
      container: "#wave", media: this.media, duration: this.duration / 1000, height,
      peaks: channels.map((channel) => Float32Array.from(channel, (value) => value / 100)),
      splitChannels: lanes.map((name) => ({ waveColor: colour(name), progressColor: colour("--ink"), height })),
      cursorColor: colour("--accent"), cursorWidth: 2, barWidth: 2, barGap: 1, barMinHeight: 1,
      dragToSeek: { debounceTime: 0 }, cspNonce: root.dataset.nonce,
    });
    this.media.playbackRate = this.speed;
    this.wave.on("interaction", () => { this.stopAt = null; });
    this.wave.on("timeupdate", () => this.#tick());
    this.media.addEventListener("error", () => this.dispatchEvent(new Event("failed")));
    for (const name of ["play", "pause"]) this.wave.on(name, () => this.dispatchEvent(new Event("state")));
  }

  #tick() {
    const at = this.at;
    if (this.stopAt !== null && at >= this.stopAt) { this.wave.pause(); this.stopAt = null; }
    if (this.skipping && this.playing) {
      const silence = this.silences.find(([from, to]) => at >= from && at < to);
      if (silence) this.media.currentTime = silence[1] / 1000;
    }
    this.dispatchEvent(new Event("time"));
  }

  get at() { return this.media.currentTime * 1000; }
  get playing() { return !this.media.paused; }

  toggle() { this.stopAt = null; return this.playing ? this.wave.pause() : this.#start(); }
  #start() { return this.media.play().catch(() => this.dispatchEvent(new Event("failed"))); }
  seek(ms) { this.stopAt = null; this.media.currentTime = Math.min(Math.max(ms, 0), this.duration - 50) / 1000; }
  play(fromMs, toMs = null) { this.media.currentTime = Math.max(fromMs - 150, 0) / 1000; this.stopAt = toMs === null ? null : toMs + 250; return this.#start(); }
  move(ms) { this.seek(this.at + ms); }
  setSpeed(rate) {
    this.speed = rate;
    this.media.playbackRate = rate;
    this.media.defaultPlaybackRate = rate;
    this.dispatchEvent(new Event("state"));
  }
}

// Where nobody speaks for longer than a moment: [from, to] in ms, with a little air left on both sides.
function findSilences(peaks) {
  const step = 1000 / peaks.per_second;
  const found = [];
  let from = null;
  const length = Math.max(0, ...peaks.channels.map((channel) => channel.length));
  for (let i = 0; i <= length; i += 1) {
    const quiet = i < length && peaks.channels.every((channel) => (channel[i] ?? 0) <= SILENCE_PEAK);
    if (quiet && from === null) from = i;
    if (!quiet && from !== null) {
      if ((i - from) * step >= SILENCE_MIN_MS) found.push([from * step + 200, i * step - 200]);
      from = null;
    }
  }
  return found;
}

// Canvas needs a plain colour: a token with light-dark() is resolved by the browser on an element of its own.
function resolve(style, name) {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value || style.color;
}
