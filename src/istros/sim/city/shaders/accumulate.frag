#version 330
// Adds one jittered pass of the still city to the sum; highlights are cut so that one sample cannot outweigh the rest.
in vec2 uv;
uniform sampler2D lit, shaded, albedo;
uniform float share;
layout(location=0) out vec4 o0;
layout(location=1) out vec4 o1;
layout(location=2) out vec4 o2;
void main() {
  o0 = min(texture(lit, uv), 20.) * share;
  o1 = min(texture(shaded, uv), 20.) * share;
  o2 = texture(albedo, uv) * share;
}
