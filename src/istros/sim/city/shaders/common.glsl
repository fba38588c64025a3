// What every shader of the city knows: the eye, the sun, the sky, the weather, and value noise.
uniform vec3 eye, sun_direction, sun_colour, zenith, horizon;
uniform float wet, fog, lamp;
uniform mat4 view, sun_view;

float hash(vec2 p) {
  p = fract(p * vec2(123.34, 345.45));
  p += dot(p, p + 34.345);
  return fract(p.x * p.y);
}
float noise(vec2 p) {
  vec2 i = floor(p), f = fract(p);
  f = f * f * (3. - 2. * f);
  return mix(mix(hash(i), hash(i + vec2(1, 0)), f.x), mix(hash(i + vec2(0, 1)), hash(i + vec2(1, 1)), f.x), f.y);
}
float fractal(vec2 p) {
  float s = 0., a = .5;
  for (int i = 0; i < 4; i++) { s += a * noise(p); p = p * 2.03 + 7.1; a *= .5; }
  return s;
}
#ifdef MOVING
vec3 sky(vec3 d) {
  return mix(mix(horizon, zenith, sqrt(max(d.z, 0.))), horizon, .35 * noise(d.xy / (d.z + .2) * 2.));
}
#else
vec3 sky(vec3 d) {
  vec3 c = mix(horizon, zenith, pow(max(d.z, 0.), .55));
  float cloud = smoothstep(.42, .78, fractal(d.xy / (abs(d.z) + .12) * 1.3 + 3.)) * .75 * smoothstep(.0, .12, d.z);
  c = mix(c, mix(horizon, vec3(1), .45) * (.25 + .75 * length(zenith)), cloud);
  return c + sun_colour * .15 * pow(max(dot(d, sun_direction), 0.), 40.);
}
#endif
// What a polished surface mirrors: a street of houses under the sky.
vec3 surroundings(vec3 d) {
  float roofs = .16 + .08 * step(.5, hash(vec2(floor(atan(d.x, d.y) * 9.), 1.)));
  vec3 houses = mix(horizon * .28, horizon * .42, clamp(d.z * 5., 0., 1.));
  return d.z < 0. ? horizon * .22 : mix(houses, sky(d), smoothstep(roofs - .03, roofs + .03, d.z));
}
