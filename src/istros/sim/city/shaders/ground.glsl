// The ground: what lies where comes from two painted plans (see ground.py), the grain from noise.
uniform sampler2D plan_kind, plan_paint;   // kind: paving, concrete, grass, cobbles; paint: white, yellow, dark, open sky
uniform vec4 plan_box;                     // x0, y0, 1/width, 1/height in metres

float crisp(float coverage, float w) { return smoothstep(.5 - w, .5 + w, coverage); }

vec3 asphalt(vec2 q, float fw) {
  float n = fractal(q * vec2(3., 1.)), grain = mix(noise(q * 60.), .5, clamp(fw * 25., 0., 1.));
  float fine = mix(noise(q * 140.), .5, clamp(fw * 60., 0., 1.));
  vec3 a = vec3(.15, .148, .145) * (.72 + .35 * n + .22 * (grain - .5) + .18 * (fine - .5));
  vec2 cell = q / vec2(1.75, 5.);
  float patch_ = step(.84, noise(floor(cell) * 3.7));
  vec2 edge = abs(fract(cell) - .5);
  float rim = smoothstep(-.02, .02, max(edge.x * 1.75 - .84, edge.y * 5. - 2.46));
  a *= mix(1., .78 * (1. - .4 * rim), patch_);
  float crack = abs(fractal(q * vec2(1.3, .5) + 20.) - .47);
  a *= 1. - .28 * (1. - smoothstep(.0015, .005 + fw * .08, crack)) * smoothstep(.66, .74, noise(q * vec2(.35, .12) + 3.));
  return a * (.86 + .2 * smoothstep(.3, .7, fractal(q * vec2(.6, .12) + 31.)));
}
vec3 tiles(vec2 q, vec2 size, vec3 one, vec3 other, float fw) {
  vec2 t = q / size;
  t.x += .5 * step(.5, fract(t.y * .5));
  vec2 g = abs(fract(t) - .5);
  float joint = smoothstep(-1., 1., (max(g.x, g.y) - .475) / (fw * 1.5 / min(size.x, size.y) * .4 + .005));
  float each_ = mix(hash(floor(t)), .5, clamp(fw * 4., 0., 1.));
  float n = fractal(q * vec2(3., 1.));
  vec3 a = mix(one, other, step(.7, hash(floor(t / 6.)))) * (.82 + .22 * each_ + .3 * (n - .5));
  a *= 1. - .35 * joint * clamp(1. - fw * 6., 0., 1.);
  return a * (.78 + .22 * smoothstep(0., 1., fractal(q * .8) + .35));
}
vec3 concrete(vec2 q, float fw) {
  float n = fractal(q * .7), seam = min(abs(fract(q.x / 6.) - .5) * 6., abs(fract(q.y / 6.) - .5) * 6.);
  vec3 a = vec3(.29, .287, .275) * (.72 + .35 * n + .15 * (mix(noise(q * 40.), .5, clamp(fw * 20., 0., 1.)) - .5));
  a *= 1. - .45 * smoothstep(.03 + fw, .0, seam);
  return a * (1. - .25 * smoothstep(.55, .75, fractal(q * vec2(.5, .3) + 11.)));
}
vec3 grass(vec2 q, float fw) {
  float blade = mix(noise(q * 40.), .5, clamp(fw * 15., 0., 1.));
  vec3 a = mix(vec3(.055, .085, .025), vec3(.10, .10, .04), fractal(q * .9));
  return a * (.6 + .8 * blade) * (.8 + .4 * noise(q * 6.));
}
vec3 ground(vec3 Q, vec3 n, float fw, out float open_sky) {
  vec2 q = Q.xy, at = (q - plan_box.xy) * plan_box.zw;
  vec4 kind = texture(plan_kind, at), paint = texture(plan_paint, at);
  float w = clamp(fw * 6., .08, .5);
  vec3 a = asphalt(q, fw);
  a = mix(a, concrete(q, fw), crisp(kind.g, w));
  a = mix(a, tiles(q, vec2(.14, .10), vec3(.27, .255, .24), vec3(.21, .20, .20), fw) * .9, crisp(kind.a, w));
  a = mix(a, tiles(q, vec2(.4, .4), vec3(.43, .40, .37), vec3(.40, .34, .31), fw), crisp(kind.r, w));
  a = mix(a, grass(q, fw), crisp(kind.b, w));
  a *= 1. - .75 * paint.b;
  float worn = smoothstep(.25, .5, fractal(q * 5.) + .2), grain = .88 + .2 * noise(q * 50.);
  a = mix(a, vec3(.66, .66, .63) * grain, crisp(paint.r, w) * worn * .92);
  a = mix(a, vec3(.62, .42, .06) * grain, crisp(paint.g, w) * worn * .9);
  if (Q.z < .5 && abs(n.z) < .5) a = vec3(.42, .41, .40) * (.8 + .3 * fractal(q * 3.));
  open_sky = mix(.45, 1., paint.a);
  return a * mix(1., .62, wet);
}
