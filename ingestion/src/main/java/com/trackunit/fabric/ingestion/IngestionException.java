// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import com.trackunit.fabric.core.FabricException;
import org.jspecify.annotations.Nullable;

/**
 * A call to the ingestion service did not give its answer. The message names the call, the address
 * and the correlation id; it holds no key, no presigned URL and nothing of the answer's body.
 */
public abstract sealed class IngestionException extends FabricException
    permits IngestionProtocolException,
        IngestionUnauthorizedException,
        IngestionUnavailableException,
        UnknownUploadException,
        UploadRejectedException {
  private static final long serialVersionUID = 1L;

  IngestionException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
