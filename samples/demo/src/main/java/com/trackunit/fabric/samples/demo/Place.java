// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.demo;

import com.trackunit.fabric.samples.contracts.Wire;

/** The places that a photo's messages pass, in the order of its way. */
enum Place {
  UPLOADED_TOPIC("Kafka topic", Wire.Topics.IMAGES_UPLOADED, "tu-ingestion-service"),
  UPLOADED_EXCHANGE("RabbitMQ exchange", Wire.Exchanges.IMAGE_UPLOADED, "svc-messaging-bridge"),
  STARTED_EXCHANGE(
      "RabbitMQ exchange", Wire.Exchanges.ANALYSIS_STARTED, "svc-analysis-orchestrator"),
  RECOGNISED_TOPIC("Kafka topic", Wire.Topics.RECOGNITION_COMPLETED, "svc-ai-vision-adapter"),
  RECOGNISED_EXCHANGE(
      "RabbitMQ exchange", Wire.Exchanges.RECOGNITION_COMPLETED, "svc-messaging-bridge"),
  COMPLETED_EXCHANGE(
      "RabbitMQ exchange", Wire.Exchanges.ANALYSIS_COMPLETED, "svc-analysis-orchestrator");

  private final String kind;
  private final String target;
  private final String writtenBy;

  Place(String kind, String target, String writtenBy) {
    this.kind = kind;
    this.target = target;
    this.writtenBy = writtenBy;
  }

  boolean isTopic() {
    return kind.equals("Kafka topic");
  }

  /** The name of the topic or exchange. */
  String target() {
    return target;
  }

  @Override
  public String toString() {
    return writtenBy + " -> " + kind + " " + target;
  }
}
