// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.TraceParent;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one call carries besides its arguments. Immutable: each method gives a changed copy.
 * Thread-safe as far as its listeners are.
 */
public final class CallOptions {
  private final CorrelationId correlationId;
  private final @Nullable TraceParent trace;
  private final @Nullable Deadline deadline;
  private final ProgressListener progress;
  private final Consumer<UploadStep> steps;

  private CallOptions(
      CorrelationId correlationId,
      @Nullable TraceParent trace,
      @Nullable Deadline deadline,
      ProgressListener progress,
      Consumer<UploadStep> steps) {
    this.correlationId = Objects.requireNonNull(correlationId, "correlationId");
    this.trace = trace;
    this.deadline = deadline;
    this.progress = Objects.requireNonNull(progress, "progress");
    this.steps = Objects.requireNonNull(steps, "steps");
  }

  /**
   * Options without a trace, deadline or listener.
   *
   * @param correlationId of the work; sent to the service, never to the object store
   * @return the options
   */
  public static CallOptions of(CorrelationId correlationId) {
    return new CallOptions(correlationId, null, null, (sent, total) -> {}, step -> {});
  }

  /**
   * The trace that the call belongs to.
   *
   * @param parent sent to the service as {@code traceparent}, never to the object store; null
   *     (default): none
   * @return changed options
   */
  public CallOptions trace(@Nullable TraceParent parent) {
    return new CallOptions(correlationId, parent, deadline, progress, steps);
  }

  /**
   * The upper bound over all attempts and the waits between them, and over all steps of an upload.
   *
   * @param limit null (default): what the client's settings say for each step
   * @return changed options
   */
  public CallOptions deadline(@Nullable Deadline limit) {
    return new CallOptions(correlationId, trace, limit, progress, steps);
  }

  /**
   * Who is told how far the bytes have come.
   *
   * @param listener default: nobody. Calls without bytes of a photo tell it nothing
   * @return changed options
   */
  public CallOptions onProgress(ProgressListener listener) {
    return new CallOptions(correlationId, trace, deadline, listener, steps);
  }

  /**
   * Who is told of each step that {@code uploadPhoto} has made, so that it can be kept to go on
   * from.
   *
   * @param listener default: nobody. Runs on the thread that uploads; what it throws ends the
   *     upload and reaches the caller
   * @return changed options
   */
  public CallOptions onStep(Consumer<UploadStep> listener) {
    return new CallOptions(correlationId, trace, deadline, progress, listener);
  }

  CorrelationId correlationId() {
    return correlationId;
  }

  @Nullable TraceParent trace() {
    return trace;
  }

  @Nullable Deadline deadline() {
    return deadline;
  }

  ProgressListener progress() {
    return progress;
  }

  Consumer<UploadStep> steps() {
    return steps;
  }

  @Override
  public String toString() {
    return "CallOptions[correlation id " + correlationId + "]";
  }
}
