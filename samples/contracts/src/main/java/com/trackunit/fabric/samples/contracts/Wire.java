// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.contracts;

/**
 * The names on the wire, each in one place. Other teams' services already use them: they may be
 * added to, never changed. The headers {@code x-correlation-id} and {@code traceparent} are {@link
 * com.trackunit.fabric.core.CorrelationId#HEADER} and {@link
 * com.trackunit.fabric.core.TraceParent#HEADER}.
 */
public final class Wire {
  private Wire() {}

  /** Kafka topics: 4 partitions, 7 days, keyed by object key. Note the plural in the first one. */
  public static final class Topics {
    /** {@link ImageUploaded}, written by tu-ingestion-service. */
    public static final String IMAGES_UPLOADED = "tu.images.uploaded";

    /** {@link RecognitionCompleted}, written by svc-ai-vision-adapter. */
    public static final String RECOGNITION_COMPLETED = "tu.recognition.completed";

    private Topics() {}
  }

  /** RabbitMQ exchanges, all durable. */
  public static final class Exchanges {
    /** Fanout; {@link ImageUploaded}, from svc-messaging-bridge. Note the singular. */
    public static final String IMAGE_UPLOADED = "tu.image.uploaded";

    /** Fanout; {@link RecognitionCompleted}, from svc-messaging-bridge. */
    public static final String RECOGNITION_COMPLETED = "tu.recognition.completed";

    /** Fanout; {@link AnalysisStarted}, from svc-analysis-orchestrator. */
    public static final String ANALYSIS_STARTED = "analysis.started";

    /** Fanout; {@link AnalysisCompleted}, from svc-analysis-orchestrator. */
    public static final String ANALYSIS_COMPLETED = "analysis.completed";

    /** Direct; {@link RequestAnalysis}, from graph-gateway. */
    public static final String ANALYSIS_COMMANDS = "analysis.commands";

    private Exchanges() {}
  }

  /** Routing keys of the direct exchange. */
  public static final class RoutingKeys {
    /** Carries {@link RequestAnalysis} over {@link Exchanges#ANALYSIS_COMMANDS}. */
    public static final String ANALYSIS_REQUEST = "analysis.request";

    private RoutingKeys() {}
  }

  /** Queues that several consumers share. A gateway replica names its own. */
  public static final class Queues {
    /** Bound to {@link Exchanges#IMAGE_UPLOADED}. */
    public static final String ORCHESTRATOR_IMAGE_UPLOADED = "orchestrator.image-uploaded";

    /** Bound to {@link Exchanges#RECOGNITION_COMPLETED}. */
    public static final String ORCHESTRATOR_RECOGNITION_COMPLETED =
        "orchestrator.recognition-completed";

    /** Bound to {@link Exchanges#ANALYSIS_COMMANDS}. */
    public static final String ORCHESTRATOR_ANALYSIS_COMMANDS = "orchestrator.analysis.commands";

    /** What the orchestrator could not use, with the reason in its headers. */
    public static final String ORCHESTRATOR_DEAD = "orchestrator.dead";

    private Queues() {}
  }

  /** Headers of Kafka records and AMQP messages. */
  public static final class Headers {
    /** The schema id of the body, one of {@link Schemas}. */
    public static final String SCHEMA = "x-schema";

    /** The service that made the message. */
    public static final String PRODUCER = "x-producer";

    /** AMQP only: the Kafka key of a bridged record, here the object key. */
    public static final String KAFKA_KEY = "x-kafka-key";

    /** HTTP only: the key that admits internal callers to tu-ingestion-service. */
    public static final String INTERNAL_ACCESS = "X-Internal-Access";

    private Headers() {}
  }

  /** Values of {@link Headers#SCHEMA}. */
  public static final class Schemas {
    /** {@link ImageUploaded}. */
    public static final String IMAGES_UPLOADED = "images.uploaded.v0";

    /** {@link RecognitionCompleted}. */
    public static final String RECOGNITION_COMPLETED = "recognition.completed.v0";

    /** {@link AnalysisStarted}; ours. */
    public static final String ANALYSIS_STARTED = "analysis.started.v0";

    /** {@link AnalysisCompleted}; ours. */
    public static final String ANALYSIS_COMPLETED = "analysis.completed.v0";

    /** {@link RequestAnalysis}; ours. */
    public static final String ANALYSIS_REQUEST = "analysis.request.v0";

    private Schemas() {}
  }

  /** The services' names, as in {@link Headers#PRODUCER}. */
  public static final class Services {
    /** Takes GraphQL from clients. */
    public static final String GRAPH_GATEWAY = "graph-gateway";

    /** Turns uploads and recognitions into analysis events. */
    public static final String ANALYSIS_ORCHESTRATOR = "svc-analysis-orchestrator";

    /** Moves Kafka records to RabbitMQ. */
    public static final String MESSAGING_BRIDGE = "svc-messaging-bridge";

    /** Recognises machines. */
    public static final String AI_VISION_ADAPTER = "svc-ai-vision-adapter";

    /** Starts and confirms uploads. */
    public static final String INGESTION = "tu-ingestion-service";

    private Services() {}
  }
}
