// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.contracts;

import com.trackunit.fabric.core.FabricException;
import java.util.Objects;

/**
 * A body is not the message it should be. It names the contract, the place and what was expected,
 * and keeps nothing of the body: a message may hold private data, and this text goes to logs and
 * dead-letter headers.
 */
public final class MalformedMessageException extends FabricException {
  private static final long serialVersionUID = 1L;

  private final String contract;

  /**
   * A message that cannot be used.
   *
   * @param contract the contract's simple name
   * @param problem where, what was seen, what was expected; nothing of the body
   */
  public MalformedMessageException(String contract, String problem) {
    super(
        "decode " + contract + ": " + problem + "; the sender has to change the message",
        // No cause: the parser's own exceptions quote the body.
        null);
    this.contract = Objects.requireNonNull(contract, "contract");
  }

  /**
   * What the body was taken for.
   *
   * @return the contract's simple name, such as {@code ImageUploaded}
   */
  public String contract() {
    return contract;
  }

  /** Never: the same bytes fail again. */
  @Override
  public boolean isRetryable() {
    return false;
  }
}
