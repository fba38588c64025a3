#version 330
in vec3 position;
uniform mat4 sun_view;
uniform vec4 pose;
void main() {
  float s = sin(pose.w), c = cos(pose.w);
  gl_Position = sun_view * vec4(mat3(c, s, 0, -s, c, 0, 0, 0, 1) * position + pose.xyz, 1);
}
