/** Assessments of cameras, as the screens ask for them. */

import { useMutation, useQuery } from "@tanstack/react-query";

import { api, take } from "./client";
import { may, queryClient } from "./queries";
import type { components } from "./schema";

export type CameraAssessment = components["schemas"]["CameraAssessment"];
export type CameraStanding = components["schemas"]["CameraStanding"];
export type AssessmentText = components["schemas"]["AssessmentText"];
export type AssessmentVersion = components["schemas"]["AssessmentVersion"];
export type Use = AssessmentText["uses"][number];

export const USES = ["vehicles", "plates", "people", "faces", "sound"] as const satisfies readonly Use[];
export const SIGN_LANGUAGES = ["uk", "ro", "en"] as const;

const STANDINGS = ["assessments"] as const;

export function useStandings() {
  return useQuery({ queryKey: STANDINGS, queryFn: () => take(api.GET("/api/assessments")), refetchInterval: 30_000, enabled: may("cameras.read") });
}

export function useAssessment(camera: string) {
  return useQuery({
    queryKey: ["cameras", camera, "assessment"],
    queryFn: () => take(api.GET("/api/cameras/{camera_id}/assessment", { params: { path: { camera_id: camera } } })),
    refetchInterval: 30_000,
  });
}

function useStep<Body>(camera: string, step: (body: Body) => Promise<CameraAssessment>) {
  return useMutation({
    mutationFn: step,
    onSuccess: (found) => {
      queryClient.setQueryData(["cameras", camera, "assessment"], found);
      void queryClient.invalidateQueries({ queryKey: STANDINGS });
      void queryClient.invalidateQueries({ queryKey: ["cameras"], exact: true });
    },
  });
}

export function useWriteAssessment(camera: string) {
  const path = { camera_id: camera };
  return useStep(camera, (body: AssessmentText) => take(api.POST("/api/cameras/{camera_id}/assessment", { params: { path }, body })));
}

export function useAnswerAssessment(camera: string) {
  const path = { camera_id: camera };
  return useStep(camera, (body: components["schemas"]["AssessmentAnswer"]) => take(api.POST("/api/cameras/{camera_id}/assessment/answer", { params: { path }, body })));
}

export function useStopCamera(camera: string) {
  const path = { camera_id: camera };
  return useStep(camera, (reason: string) => take(api.POST("/api/cameras/{camera_id}/assessment/stop", { params: { path }, body: { reason } })));
}
