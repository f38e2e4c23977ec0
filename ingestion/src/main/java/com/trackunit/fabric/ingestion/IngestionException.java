// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import com.trackunit.fabric.core.FabricException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A call to the ingestion service or its object store did not give its answer. The message names
 * the call, the address and the correlation id; it holds no key, no presigned URL's query and
 * nothing of the answer's body. Whatever {@link #isRetryable} allows has been tried already, as
 * often as the {@link RetrySettings} and the deadline let.
 */
public abstract sealed class IngestionException extends FabricException
    permits IngestionProtocolException,
        IngestionUnauthorizedException,
        IngestionUnavailableException,
        PhotoUnreadableException,
        UnknownUploadException,
        UploadExpiredException,
        UploadRejectedException {
  private static final long serialVersionUID = 1L;

  private int attempts = 1;
  private transient @Nullable UploadStep reached;

  IngestionException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /**
   * How often it was tried.
   *
   * @return attempts that reached for the network; 0 if none was made
   */
  public int attempts() {
    return attempts;
  }

  /**
   * Where {@code uploadPhoto} can go on from.
   *
   * @return the last step that was made; empty for other calls, and after serialization
   */
  public Optional<UploadStep> reached() {
    return Optional.ofNullable(reached);
  }

  /** What metrics call it. */
  abstract String outcome();

  /** Said once, by the one who gives up. */
  void attempts(int made) {
    this.attempts = made;
  }

  void reached(UploadStep step) {
    this.reached = step;
  }

  @Override
  public String getMessage() {
    String message = super.getMessage();
    return attempts > 1 ? message + " (" + attempts + " attempts)" : String.valueOf(message);
  }
}
