// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.ingestion;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Who comes after whom. The arms that are compared take part in each round, in every order equally
 * often; a guest takes part in some, at every place.
 *
 * @param arms three
 * @param guest slows the others down no more than it must
 */
record Turns(List<Arm> arms, Arm guest) {
  private static final int GUEST_EVERY = 4;

  List<Arm> of(int round) {
    List<Arm> turn = new ArrayList<>(arms);
    Collections.rotate(turn, round);
    if (round / arms.size() % 2 == 1) {
      Collections.reverse(turn);
    }
    if (round % GUEST_EVERY == 0) {
      turn.add(round / GUEST_EVERY % (arms.size() + 1), guest);
    }
    return turn;
  }
}
