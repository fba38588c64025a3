// From light to picture: the four samples of each pixel, exposure, film curve, vignette, a trace of fixed grain.
in vec2 uv;
uniform sampler2DMS light;
uniform float exposure;
uniform vec2 size;
out vec4 result;
vec3 film(vec3 x) {
  return clamp(x * (2.51 * x + .03) / (x * (2.43 * x + .59) + .14), 0., 1.);
}
void main() {
  ivec2 at = ivec2(gl_FragCoord.x, size.y - 1. - floor(gl_FragCoord.y));
  vec2 c = (vec2(at) + .5) / size - .5;
  float gain = exposure * (1. - .45 * dot(c, c)) * .72;
  vec3 x = vec3(0);
  for (int i = 0; i < 4; i++) x += film(min(texelFetch(light, at, i).rgb * gain, 30.));
  x = pow(x * .25, vec3(1. / 2.05));
  x = mix(vec3(dot(x, vec3(.3, .6, .1))), x, .90);
  float bright = dot(x, vec3(.3, .6, .1));
  float grain = hash(vec2(at) * .73 + 1.7) + hash(vec2(at) * 1.31 - 2.3) - 1.;
  result = vec4(x + grain * .012 * (1. + lamp * .5) * (1.2 - .7 * bright), 1);
}
