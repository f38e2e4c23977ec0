// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import org.jspecify.annotations.Nullable;

/** An answer's body is not what the contract says; becomes an IngestionProtocolException. */
final class MalformedAnswerException extends Exception {
  private static final long serialVersionUID = 1L;

  MalformedAnswerException(String seen, @Nullable Throwable cause) {
    super(seen, cause);
  }
}
