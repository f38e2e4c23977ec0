// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

/**
 * An answer's body is not what the contract says; becomes an IngestionProtocolException. It has no
 * cause: a parser's own message would quote the answer.
 */
final class MalformedAnswerException extends Exception {
  private static final long serialVersionUID = 1L;

  MalformedAnswerException(String seen) {
    super(seen);
  }
}
