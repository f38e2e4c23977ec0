// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.core.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class WindowTest {
  @Test
  void itIsFullAtEitherBound() {
    Window byCount = new Window(2, 1_000);
    assertThat(byCount.tryEnter(1)).isTrue();
    assertThat(byCount.tryEnter(1)).isTrue();
    assertThat(byCount.isFull()).isTrue();
    assertThat(byCount.tryEnter(1)).isFalse();

    Window byBytes = new Window(100, 10);
    assertThat(byBytes.tryEnter(6)).isTrue();
    assertThat(byBytes.tryEnter(6)).isFalse();
    assertThat(byBytes.tryEnter(4)).isTrue();
    assertThat(byBytes.isFull()).isTrue();
  }

  @Test
  void anEntryLargerThanTheWindowPassesAlone() {
    Window window = new Window(10, 100);
    assertThat(window.tryEnter(5_000)).isTrue();
    assertThat(window.tryEnter(0)).isFalse();
    window.leave(5_000);
    assertThat(window.tryEnter(1)).isTrue();
  }

  @Test
  void leavingGivesThePlaceBack() {
    Window window = new Window(1, 100);
    window.tryEnter(40);
    window.leave(40);
    assertThat(window.count()).isZero();
    assertThat(window.bytes()).isZero();
    assertThat(window.tryEnter(40)).isTrue();
  }

  @Test
  void itIsHalfFreeOnlyWhenBothBoundsAre() {
    Window window = new Window(4, 100);
    window.tryEnter(60);
    assertThat(window.isFree(2)).isFalse();
    window.leave(60);
    window.tryEnter(10);
    window.tryEnter(10);
    assertThat(window.isFree(2)).isTrue();
    window.tryEnter(10);
    assertThat(window.isFree(2)).isFalse();
  }

  @Test
  void aPartOfANarrowWindowIsOnePlace() {
    Window window = new Window(2, 1000);
    window.tryEnter(1);
    assertThat(window.isFree(8)).isTrue();
    window.tryEnter(1);
    assertThat(window.isFree(8)).isFalse();
  }

  @Test
  void misuseIsNamed() {
    assertThatThrownBy(() -> new Window(0, 1)).hasMessageContaining("maxCount is 0");
    assertThatThrownBy(() -> new Window(1, 0)).hasMessageContaining("maxBytes is 0");
    Window window = new Window(1, 1);
    assertThatThrownBy(() -> window.tryEnter(-1)).hasMessageContaining("size is -1");
    assertThatThrownBy(() -> window.leave(0)).isInstanceOf(IllegalStateException.class);
  }
}
